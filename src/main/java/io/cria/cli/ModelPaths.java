package io.cria.cli;

import io.cria.sft.CheckpointCard;
import io.cria.sft.model.ModelConfigJson;
import io.cria.sft.train.LoraFiles;
import io.cria.task.CriaException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Looks at the models that a command is given, and at where it is to write one, before it works.
 */
final class ModelPaths {
  /**
   * What is written inside an output that was there, until it is whole; a command that was ended
   * leaves it behind.
   */
  static final String PARTIAL = ".partial";

  private static final String GGUF = ".gguf";

  private ModelPaths() {}

  /**
   * Refuses what is no directory of a model.
   *
   * @param option by which it was given
   */
  static void requireModel(String option, Path directory) {
    requireDirectory(option, directory, "a model's directory");
    if (Files.exists(directory.resolve(ModelConfigJson.FILE))) {
      return;
    }
    throw CriaException.badInput(
        isAdapter(directory)
            ? option
                + " "
                + directory
                + " is an adapter's directory, and a whole model's is wanted: cria merge makes one"
                + " of it"
            : "there is no "
                + directory.resolve(ModelConfigJson.FILE)
                + ": give a model's directory as "
                + option
                + inside(directory, "model", ModelConfigJson.FILE));
  }

  /** Refuses what is no directory of a model or of an adapter. */
  static void requireCheckpoint(String option, Path directory) {
    requireDirectory(option, directory, "a model's directory or an adapter's");
    if (!isAdapter(directory)) {
      requireModel(option, directory);
    }
  }

  /** Refuses what is no directory of an adapter. */
  static void requireAdapter(String option, Path directory) {
    requireDirectory(option, directory, "an adapter's directory");
    if (!isAdapter(directory)) {
      throw CriaException.badInput(
          "no adapter at "
              + directory
              + ": give a directory with "
              + LoraFiles.CONFIG
              + " as "
              + option
              + inside(directory, "adapter", LoraFiles.CONFIG));
    }
  }

  /** What a training's output has inside, where that was given in its place. */
  private static String inside(Path directory, String name, String file) {
    Path inside = directory.resolve(name);
    return Files.exists(inside.resolve(file)) ? ", such as " + inside : "";
  }

  private static boolean isAdapter(Path directory) {
    return Files.exists(directory.resolve(LoraFiles.CONFIG));
  }

  private static void requireDirectory(String option, Path path, String wanted) {
    if (Files.isDirectory(path)) {
      return;
    }
    if (!Files.exists(path)) {
      throw CriaException.badInput(
          "no checkpoint at " + path + ": give " + wanted + " as " + option);
    }
    boolean gguf = String.valueOf(path.getFileName()).endsWith(GGUF);
    throw CriaException.badInput(
        option
            + " "
            + path
            + " is a file, and "
            + wanted
            + " is wanted: name the directory"
            + (gguf ? "; a GGUF file is served by cria serve --gguf, and tuned as --base" : ""));
  }

  /** Refuses a file that is there already, unless it may be replaced, and one without a folder. */
  static void requireWritable(Path file, boolean replace) {
    if (Files.isDirectory(file)) {
      throw CriaException.badInput(
          "--output " + file + " is a directory, and a file is written: name the file in it");
    }
    if (Files.exists(file) && !replace) {
      throw CriaException.badInput(
          "--output " + file + " is there already: give --force to replace it, or another name");
    }
    requireFolderOf(file);
  }

  /** As {@link #requireWritable}, for the directory of a model. */
  static void requireWritableModel(Path directory, boolean replace) {
    if (Files.exists(directory) && !Files.isDirectory(directory)) {
      throw CriaException.badInput(
          "--output " + directory + " is a file, and a directory is written: give another name");
    }
    if (isEmpty(directory)) {
      return;
    }
    if (!replace) {
      throw CriaException.badInput(
          "--output "
              + directory
              + " is there already: give --force to replace it, or another name");
    }
    if (Stream.of(ModelConfigJson.FILE, CheckpointCard.FILE, LoraFiles.CONFIG)
        .noneMatch(name -> Files.exists(directory.resolve(name)))) {
      throw CriaException.badInput(
          "--output "
              + directory
              + " holds no model, so that --force does not replace it: give another name");
    }
  }

  /**
   * Whether nothing lies there, the directory itself included; what an ended command has left is
   * nothing.
   */
  static boolean isEmpty(Path directory) {
    if (!Files.exists(directory)) {
      return true;
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.allMatch(file -> file.endsWith(PARTIAL));
    } catch (IOException e) {
      throw CriaException.badInput(
          "--output " + directory + ": cannot be looked at (" + e.getMessage() + "): check it");
    }
  }

  private static void requireFolderOf(Path file) {
    Path folder = Objects.requireNonNullElse(file.toAbsolutePath().getParent(), file);
    if (!Files.isDirectory(folder)) {
      throw CriaException.badInput(
          "--output "
              + file
              + ": there is no folder "
              + folder
              + ": make it, or name a file in one that is there");
    }
  }
}
