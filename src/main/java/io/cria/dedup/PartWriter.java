package io.cria.dedup;

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
  private final Decided verdicts;
  private final BufferedWriter kept;
  private final BufferedWriter dropped;
  private final String directory;
  private final String name;
  private final int slice;
  private final long first;
  private int record;
  private int count;

  /**
   * @param record number of the first record
   */
  PartWriter(
      String directory,
      Configuration hadoop,
      Decided verdicts,
      int input,
      int slice,
      long first,
      int record) {
    this.directory = directory;
    RunDirectory files = RunDirectory.at(directory, hadoop);
    this.slice = slice;
    this.first = first;
    this.name =
        String.format(
            Locale.ROOT, "%d-%d-%d-%d", input, slice, first, TaskContext.get().taskAttemptId());
    this.verdicts = verdicts;
    this.record = record;
    this.kept = writer(files, name + ".kept");
    this.dropped = writer(files, name + ".dropped");
  }

  private static BufferedWriter writer(RunDirectory files, String name) {
    return new BufferedWriter(new OutputStreamWriter(files.create(name), StandardCharsets.UTF_8));
  }

  void write(String json) {
    boolean stays = verdicts.kept(record);
    try {
      BufferedWriter writer = stays ? kept : dropped;
      writer.write(stays ? json : verdicts.withReason(json, record));
      writer.write('\n');
    } catch (IOException e) {
      throw Writing.unwritable(directory, e);
    }
    record++;
    count++;
  }

  /** The files, with the records written until now. */
  Input.Part part() {
    return new Input.Part(slice, first, count, name + ".kept", name + ".dropped");
  }

  @Override
  public void close() {
    try (kept) {
      dropped.close();
    } catch (IOException e) {
      throw Writing.unwritable(directory, e);
    }
  }
}
