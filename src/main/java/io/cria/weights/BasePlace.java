package io.cria.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where the base of a training lies, in a file beside its results. Adapters and cards name their
 * base by what it is called, since they are handed on; this file stays where the training ran, and
 * is how its adapters find their base there.
 */
public final class BasePlace {
  public static final String FILE = "base.json";

  private static final String MODEL = "model";
  private static final String SOURCE = "source";

  /** From {@code checkpoints/step-N/ATTEMPT} up to the training. */
  private static final int HIGHEST = 3;

  private static final ObjectMapper JSON = new ObjectMapper();

  private BasePlace() {}

  /**
   * The file's text.
   *
   * @param model the directory that adapters are put on, absolute or from the file's own; null
   *     where there is none on this disk
   * @param source the base as the user gave it, a path or a URI
   */
  public static String json(@Nullable String model, String source) {
    ObjectNode root = JSON.createObjectNode();
    if (model != null) {
      root.put(MODEL, model);
    }
    root.put(SOURCE, source);
    return root.toPrettyString() + "\n";
  }

  /** Writes it into a training's output; a model that lies in there is told from there. */
  public static void write(Path output, Path model, String source) {
    Path from = output.toAbsolutePath().normalize();
    Path of = model.toAbsolutePath().normalize();
    String told = of.startsWith(from) ? from.relativize(of).toString() : of.toString();
    try {
      Files.createDirectories(output);
    } catch (IOException e) {
      throw new CriaException(
          ExitCode.FAULT,
          "cannot create " + output + " (" + e.getMessage() + "): check the disk",
          e);
    }
    AtomicFile.write(output.resolve(FILE), json(told, source));
  }

  /**
   * The model that an adapter of a training belongs to; empty where no training tells it, or it has
   * gone.
   *
   * @param adapter in the output of a training, or in a checkpoint of it
   */
  public static Optional<Path> modelOf(Path adapter) {
    return file(adapter)
        .flatMap(
            file ->
                text(file, MODEL)
                    .map(model -> file.resolveSibling(model).normalize())
                    .filter(Files::isDirectory));
  }

  /** The base of the training that made what lies in a directory, as its user gave it. */
  public static Optional<String> sourceOf(Path directory) {
    return file(directory).flatMap(file -> text(file, SOURCE));
  }

  /** The base as its user gave it, from the file's text. */
  public static Optional<String> source(String json) {
    try {
      return told(JSON.readTree(json), SOURCE);
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  private static Optional<Path> file(Path directory) {
    Path up = directory.toAbsolutePath().normalize();
    for (int i = 0; i < HIGHEST && up.getParent() != null; i++) {
      up = up.getParent();
      if (Files.isRegularFile(up.resolve(FILE))) {
        return Optional.of(up.resolve(FILE));
      }
    }
    return Optional.empty();
  }

  private static Optional<String> text(Path file, String key) {
    try {
      return told(JSON.readTree(Files.readString(file)), key);
    } catch (IOException e) {
      throw CriaException.badInput(
          "cannot read " + file + " as JSON: remove it, and name the model with --checkpoint");
    }
  }

  private static Optional<String> told(JsonNode root, String key) {
    return root.path(key).isTextual() ? Optional.of(root.path(key).asText()) : Optional.empty();
  }
}
