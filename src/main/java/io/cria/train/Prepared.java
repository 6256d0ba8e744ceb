package io.cria.train;

import io.cria.storage.RunDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a rank has on its host's disk before it begins.
 *
 * @param job its process's job file
 * @param output directory of this rank alone
 * @param baseDigest stands for the bytes of the base model
 * @param available memory that the host had free; -1 where that does not count
 */
record Prepared(Path job, Path output, String baseDigest, long available) {

  /**
   * Puts the metrics up to the checkpoint to go on from where the process of rank 0 looks. The
   * checkpoint it has fetched; the other ranks hear from it what they need of either.
   */
  void placeMetrics(RunDirectory training) throws IOException {
    if (training.exists(TrainingPlace.METRICS)) {
      try (InputStream in = training.open(TrainingPlace.METRICS)) {
        Files.copy(in, output.resolve(TrainingPlace.METRICS));
      }
    }
  }
}
