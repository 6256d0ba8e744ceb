package io.cria.stage.dedup;

import io.cria.storage.Json;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The result's directory. Written beside its place under a name that begins with a dot, and renamed
 * when it is whole.
 */
final class DedupOutput implements AutoCloseable {
  private static final String PARTS = "parts";

  private final String name;
  private final RunDirectory parent;
  private final String temporary;
  private final RunDirectory result;

  DedupOutput(String output, Configuration hadoop) {
    Path path = new Path(output);
    Path above = path.getParent();
    this.name = path.getName();
    this.parent =
        RunDirectory.at(
            above == null || above.toString().isEmpty() ? "." : above.toString(), hadoop);
    this.temporary = "." + name + "." + UUID.randomUUID() + ".tmp";
    this.result = RunDirectory.at(parent.path(temporary), hadoop);
  }

  /**
   * The report of this job where its result stands already.
   *
   * @throws CriaException (bad input) when something else stands there
   */
  Optional<DedupReport> done(String job) {
    if (!parent.exists(name)) {
      return Optional.empty();
    }
    Optional<DedupReport> report =
        parent.text(name + "/" + DedupReport.FILE).flatMap(DedupOutput::read);
    if (report.isPresent() && report.get().job().equals(job)) {
      return report;
    }
    throw CriaException.badInput(
        parent.path(name)
            + ": it exists already and is not the result of this job: give --output a new"
            + " directory, or remove it");
  }

  private static Optional<DedupReport> read(String text) {
    try {
      return Optional.of(Json.read(text, DedupReport.class));
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
      throw new UncheckedIOException(result.path(file) + " cannot be written", e);
    }
  }

  /** A table as Parquet. */
  void writeParquet(String directory, Dataset<Row> table) {
    table.write().parquet(result.path(directory));
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
  void publish(DedupReport report) {
    result.replace(DedupReport.FILE, Json.write(report));
    result.delete("_tmp");
    if (parent.exists(name)) {
      throw CriaException.badInput(
          parent.path(name) + ": it appeared while this job ran: give --output a new directory");
    }
    parent.rename(temporary, name);
  }

  /** Removes what was not published. */
  @Override
  public void close() {
    parent.delete(temporary);
  }

  /** Records of all inputs under one schema. */
  static Dataset<Row> union(List<Dataset<Row>> tables) {
    Dataset<Row> all = tables.get(0);
    for (Dataset<Row> table : tables.subList(1, tables.size())) {
      all = all.unionByName(table, true);
    }
    return all;
  }

  /** A schema that Parquet or the union of several cannot have. */
  static CriaException refused(Exception e) {
    String what = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    return new CriaException(
        io.cria.task.ExitCode.BAD_INPUT,
        "the records of all inputs do not make one table ("
            + what
            + "): give inputs whose columns of one name have one type",
        e);
  }

  static boolean isRefusal(Throwable e) {
    return e instanceof AnalysisException;
  }
}
