package io.cria.stage.dedup;

import io.cria.storage.RunDirectory;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;

/** Writes consecutive records of one slice to two files, by verdict. */
final class PartWriter implements AutoCloseable {
  private final Verdicts verdicts;
  private final BufferedWriter kept;
  private final BufferedWriter dropped;
  private final Input.Part part;
  private int record;

  /**
   * @param record number of the first record
   */
  PartWriter(
      String directory,
      Configuration hadoop,
      Verdicts verdicts,
      int input,
      int slice,
      long first,
      int record) {
    RunDirectory files = RunDirectory.at(directory, hadoop);
    String name =
        String.format(
            Locale.ROOT, "%d-%d-%d-%d", input, slice, first, TaskContext.get().taskAttemptId());
    this.part = new Input.Part(slice, first, name + ".kept", name + ".dropped");
    this.verdicts = verdicts;
    this.record = record;
    this.kept = writer(files, part.kept());
    this.dropped = writer(files, part.dropped());
  }

  private static BufferedWriter writer(RunDirectory files, String name) {
    return new BufferedWriter(new OutputStreamWriter(files.create(name), StandardCharsets.UTF_8));
  }

  void write(String json) throws IOException {
    if (verdicts.kept(record)) {
      kept.write(json);
      kept.write('\n');
    } else {
      dropped.write(verdicts.withReason(json, record));
      dropped.write('\n');
    }
    record++;
  }

  Input.Part part() {
    return part;
  }

  @Override
  public void close() throws IOException {
    try (kept) {
      dropped.close();
    }
  }
}
