package io.cria.dedup;

import io.cria.storage.Json;
import io.cria.storage.RunDirectory;
import io.cria.storage.RunLock;
import io.cria.task.CriaException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * The result's directory. Written beside its place below a directory whose name begins with a dot,
 * and renamed when it is whole. That directory holds the lock: one job at a time makes an output,
 * and what a killed one left is removed by the next.
 */
final class DedupOutput implements AutoCloseable {
  private static final String PARTS = "parts";
  private static final String RESULT = "result";
  private static final String DECISIONS = "decisions";

  private final String name;
  private final RunDirectory parent;
  private final String temporary;
  private final RunDirectory work;
  private final RunDirectory result;
  private @Nullable RunLock lock;

  DedupOutput(String output, Configuration hadoop) {
    Path path = new Path(output);
    Path above = path.getParent();
    this.name = path.getName();
    this.parent =
        RunDirectory.at(
            above == null || above.toString().isEmpty() ? "." : above.toString(), hadoop);
    this.temporary = "." + name + ".tmp";
    this.work = RunDirectory.at(parent.path(temporary), hadoop);
    this.result = RunDirectory.at(work.path(RESULT), hadoop);
  }

  /**
   * Takes the place for this job.
   *
   * @throws CriaException when another job makes this output, or it cannot be written to
   */
  void begin() {
    lock = RunLock.acquire(work, Clock.systemUTC());
    work.delete(RESULT);
    work.delete(DECISIONS);
  }

  /** A directory, beside the result, where executors lay down what they decide. */
  String decisions() {
    work.mkdirs(DECISIONS);
    return work.path(DECISIONS);
  }

  /**
   * The report of this job where its result stands already.
   *
   * @throws CriaException (bad input) when something else stands there
   */
  <T extends JobReport> Optional<T> done(String job, Class<T> type) {
    if (!parent.exists(name)) {
      return Optional.empty();
    }
    Optional<T> report = parent.text(name + "/" + JobReport.FILE).flatMap(text -> read(text, type));
    if (report.isPresent() && job.equals(report.get().job())) {
      return report;
    }
    throw CriaException.badInput(
        parent.path(name)
            + ": it exists already and is not the result of this job: give --output a new"
            + " directory");
  }

  private static <T> Optional<T> read(String text, Class<T> type) {
    try {
      return Optional.of(Json.read(text, type));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // some other file of that name
    }
  }

  /** kept.jsonl and dropped.jsonl. */
  void writeJson(List<Input> inputs, Broadcast<Verdicts> verdicts) {
    List<Input.Part> parts = new ArrayList<>();
    result.mkdirs(PARTS);
    for (int i = 0; i < inputs.size(); i++) {
      parts.addAll(inputs.get(i).write(result.path(PARTS), verdicts, i));
    }
    join("kept.jsonl", parts, Input.Part::kept);
    join("dropped.jsonl", parts, Input.Part::dropped);
    result.delete(PARTS);
  }

  private void join(String file, List<Input.Part> parts, Function<Input.Part, String> name) {
    try (OutputStream out = result.create(file)) {
      for (Input.Part part : parts) {
        try (InputStream in = result.open(PARTS + "/" + name.apply(part))) {
          in.transferTo(out);
        }
      }
    } catch (IOException e) {
      throw Writing.unwritable(result.path(file), e);
    }
  }

  /** A table as Parquet. */
  void writeParquet(String directory, Supplier<Dataset<Row>> table) {
    Writing.of(parent.path(name), () -> table.get().write().parquet(result.path(directory)));
    int files = 0;
    for (String file : result.list(directory)) {
      String path = directory + "/" + file;
      if (file.endsWith(".parquet") && !file.startsWith(".")) {
        String stable = String.format(java.util.Locale.ROOT, "part-%05d.parquet", files++);
        result.rename(path, directory + "/" + stable);
      } else {
        result.delete(path);
      }
    }
  }

  /** Puts the whole result in its place. */
  void publish(JobReport report) {
    result.replace(JobReport.FILE, Json.write(report));
    result.delete("_tmp");
    if (lock != null) {
      lock.requireHeld();
    }
    if (parent.exists(name)) {
      throw CriaException.badInput(
          parent.path(name) + ": it appeared while this job ran: give --output a new directory");
    }
    parent.rename(temporary + "/" + RESULT, name);
  }

  /** Removes what was not published. */
  @Override
  public void close() {
    if (lock != null && !lock.isLost()) {
      work.delete(RESULT);
      work.delete(DECISIONS);
      lock.close();
      parent.delete(temporary);
    }
  }
}
