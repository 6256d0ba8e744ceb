package io.cria.train;

import io.cria.storage.Manifest;
import java.util.List;

/**
 * How a rank ended, for its driver: done, stopped, or refused for good.
 *
 * @param host it ran on
 * @param code an exit code of ours
 * @param message why it did not end well; empty otherwise
 * @param steps done in all
 * @param files what rank 0 published of the result; empty of others
 */
record RankReport(
    int rank, String host, int code, String message, int steps, List<Manifest.File> files) {
  RankReport {
    files = List.copyOf(files);
  }
}
