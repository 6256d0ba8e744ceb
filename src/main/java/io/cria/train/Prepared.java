package io.cria.train;

import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a rank has on its host's disk before it begins.
 *
 * @param job its process's job file
 * @param output directory of this rank alone
 * @param baseDigest stands for the bytes of the base model
 * @param available memory that the host had free; -1 where that does not count
 */
record Prepared(Path job, Path output, String baseDigest, long available) {

  /** Puts the checkpoint to go on from, and the metrics up to it, where the process looks. */
  void placeCheckpoint(
      Word first, Published published, RunDirectory training, HostCache cache, int rank)
      throws IOException {
    if (first.checkpoint().isEmpty()) {
      return;
    }
    if (rank == 0) {
      // rank 0 has fetched it itself
      if (training.exists(TrainingPlace.METRICS)) {
        try (InputStream in = training.open(TrainingPlace.METRICS)) {
          Files.copy(in, output.resolve(TrainingPlace.METRICS));
        }
      }
      return;
    }
    Path place = output.resolve(TrainingPlace.CHECKPOINTS).resolve(first.checkpoint());
    HostCache.Kept kept =
        cache.keep(
            first.checkpoint() + "-" + first.checkpointDigest().substring(0, 16),
            0,
            into -> fetched(first, published, into));
    link(kept.directory().resolve(first.checkpoint()), place);
  }

  private static String fetched(Word first, Published published, Path into) {
    Published.Fetched fetched =
        published
            .fetch(first.checkpoint(), into)
            .orElseThrow(
                () ->
                    new CriaException(
                        ExitCode.FAULT, first.checkpoint() + " is not published any more"));
    if (!fetched.digest().equals(first.checkpointDigest())) {
      throw new CriaException(
          ExitCode.FAULT, first.checkpoint() + " is another one here than rank 0 has");
    }
    return fetched.digest();
  }

  /** Files are never changed in place: one copy serves all ranks of a host. */
  private static void link(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    List<Path> files;
    try (Stream<Path> walk = Files.walk(from)) {
      files = walk.filter(Files::isRegularFile).toList();
    }
    for (Path file : files) {
      Path place = to.resolve(from.relativize(file).toString());
      Files.createDirectories(java.util.Objects.requireNonNull(place.getParent(), "below one"));
      try {
        Files.createLink(place, file);
      } catch (UnsupportedOperationException | IOException e) {
        Files.copy(file, place);
      }
    }
  }
}
