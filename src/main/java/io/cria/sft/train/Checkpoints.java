package io.cria.sft.train;

import io.cria.config.SettingsDifference;
import io.cria.shard.LocalDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.NoRoom;
import io.cria.weights.AtomicFile;
import io.cria.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The checkpoints of a run: directories {@code checkpoints/step-00000100} that hold what was
 * trained (a model or an adapter that loads like any), the optimizer's moments ({@link
 * OptimizerFiles}) and the trainer's state (trainer.json). A checkpoint is written beside its place
 * and renamed when whole: one that bears the name is complete. Rank 0 writes it for all ranks.
 */
final class Checkpoints {
  static final String DIRECTORY = "checkpoints";

  private static final String PARTIAL = ".partial-";
  private static final String ASIDE = "unreadable-";

  private final Path directory;
  private final int kept;

  Checkpoints(Path output, int kept) {
    this.directory = output.resolve(DIRECTORY);
    this.kept = kept;
  }

  /** The checkpoint with the most steps. */
  Optional<Path> latest() {
    List<Path> all = all();
    return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
  }

  /** A checkpoint and where it stands. */
  record Found(Path path, TrainerState state) {}

  /**
   * The newest checkpoint whose files can be read. Newer ones are moved aside, with a message.
   *
   * @throws CriaException when there are checkpoints and none can be read
   */
  Optional<Found> latestReadable(Consumer<String> messages) {
    List<Path> all = all();
    List<Path> broken = new ArrayList<>();
    CriaException first = null;
    for (int i = all.size() - 1; i >= 0; i--) {
      Path path = all.get(i);
      try {
        Found found = new Found(path, TrainerState.read(path));
        found.state().optimizerFiles().forEach(name -> Safetensors.open(path.resolve(name)));
        TrainedModel.requireFiles(path);
        moveAside(broken, path, messages);
        return Optional.of(found);
      } catch (CriaException e) {
        broken.add(path);
        first = first == null ? e : first;
      }
    }
    if (first != null) {
      throw first;
    }
    return Optional.empty();
  }

  private static void moveAside(List<Path> broken, Path readable, Consumer<String> messages) {
    for (Path path : broken) {
      Path aside = path.resolveSibling(ASIDE + path.getFileName());
      try {
        LocalDirectory.delete(aside);
        Files.move(path, aside, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException e) {
        throw new CriaException(
            ExitCode.FAULT,
            "cannot move the unreadable checkpoint "
                + path
                + " aside ("
                + e.getMessage()
                + "): remove it to go on from the one before",
            e);
      }
      messages.accept(
          "checkpoint "
              + path.getFileName()
              + " cannot be read and is now "
              + aside
              + "; going on from "
              + readable.getFileName());
    }
  }

  private List<Path> all() {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries
          .filter(path -> path.getFileName().toString().startsWith(SftConfig.CHECKPOINT))
          .sorted(Comparator.comparing(path -> path.getFileName().toString()))
          .toList();
    } catch (IOException e) {
      throw new CriaException(
          ExitCode.FAULT,
          "cannot list "
              + directory
              + " ("
              + e.getMessage()
              + "): look whether it may be read, and at its disk",
          e);
    }
  }

  /**
   * Saves a checkpoint and removes those that are too many.
   *
   * @param model writes what was trained, and its cards, into a directory
   * @throws CriaException when it cannot be written; the checkpoints before it stay
   */
  Path save(TrainerState state, Consumer<Path> model, OptimizerFiles optimizer) {
    Path place = directory.resolve(SftConfig.checkpointName(state.steps()));
    Path partial = directory.resolve(PARTIAL + place.getFileName());
    try {
      Files.createDirectories(directory);
      LocalDirectory.delete(partial);
      Files.createDirectory(partial);
      model.accept(partial);
      optimizer.write(partial);
      AtomicFile.write(partial.resolve(TrainerState.FILE), state.json());
      AtomicFile.syncDirectory(partial);
      LocalDirectory.delete(place);
      Files.move(partial, place, StandardCopyOption.ATOMIC_MOVE);
      // only when the new one lies on the disk for good may the old ones go
      AtomicFile.syncList(directory);
      List<Path> all = all();
      for (Path old : all.subList(0, Math.max(0, all.size() - kept))) {
        LocalDirectory.delete(old);
      }
    } catch (IOException | CriaException e) {
      throw unsaved(place, partial, e);
    }
    return place;
  }

  private CriaException unsaved(Path place, Path partial, Exception e) {
    String last =
        latest()
            .map(path -> "the last good checkpoint is " + path)
            .orElse("there is none before it");
    try {
      LocalDirectory.delete(partial);
    } catch (IOException left) {
      e.addSuppressed(left);
    }
    CriaException told =
        NoRoom.or(
            place.toString(),
            e,
            () ->
                new CriaException(
                    ExitCode.FAULT,
                    "cannot save checkpoint "
                        + place
                        + " ("
                        + e.getMessage()
                        + "); "
                        + last
                        + ": check the disk and start again to resume",
                    e));
    return told instanceof NoRoom full ? full.adding(last) : told;
  }

  /**
   * Refuses a checkpoint that was made under other settings or data.
   *
   * @param identity of the run that is to go on: its settings and its base
   * @throws CriaException naming the first difference
   */
  static void requireSame(
      Path checkpoint,
      TrainerState state,
      SftConfig config,
      Map<String, String> identity,
      String data) {
    Map<String, String> now = new HashMap<>(identity);
    now.put(TrainingStart.DATA, data);
    Map<String, String> then = new HashMap<>(state.identity());
    then.put(TrainingStart.DATA, state.data());
    now.putIfAbsent("weights", SftConfig.FLOAT32);
    then.putIfAbsent("weights", SftConfig.FLOAT32);
    if (!config.precision().equals(SftConfig.AUTO)) {
      now.put("precision", config.precision());
      then.put("precision", state.precision());
    }
    if (config.workers() != null) {
      now.put("workers", String.valueOf(config.workers()));
      then.put("workers", String.valueOf(state.workers()));
    }
    now.keySet().stream()
        .sorted()
        .filter(key -> !String.valueOf(now.get(key)).equals(then.get(key)))
        .findFirst()
        .ifPresent(
            key -> {
              SettingsDifference difference =
                  SettingsDifference.of(
                      key, String.valueOf(then.get(key)), String.valueOf(now.get(key)));
              throw new CriaException(
                  ExitCode.RUN_REFUSED,
                  "checkpoint "
                      + checkpoint
                      + " is of another configuration ("
                      + difference.key()
                      + " was "
                      + difference.before()
                      + ", is "
                      + difference.now()
                      + "): restore it, or give another output");
            });
  }
}
