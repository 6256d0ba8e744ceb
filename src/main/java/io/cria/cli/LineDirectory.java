package io.cria.cli;

import io.cria.pipeline.RunRecord;
import io.cria.storage.Hadoop;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;

/** The directory of a line's run, where that is what a command shows. */
final class LineDirectory {
  private LineDirectory() {}

  /**
   * The directory that was named. One without a run is refused by whoever reads its tables.
   *
   * @throws CriaException when it holds a review or an evaluation, which have few of those tables
   */
  static RunDirectory at(String run) {
    RunDirectory directory = RunDirectory.at(run, Hadoop.configuration());
    RunRecord.read(directory)
        .filter(record -> !record.isLine())
        .ifPresent(
            record -> {
              throw CriaException.badInput(
                  run
                      + ": this directory holds no run but "
                      + kind(record)
                      + ": give the directory of cria run --run; cria status and cria sql take"
                      + " this one");
            });
    return directory;
  }

  private static String kind(RunRecord record) {
    String kind = String.valueOf(record.identity().get(RunRecord.KIND));
    return (kind.startsWith("e") ? "an " : "a ") + kind;
  }
}
