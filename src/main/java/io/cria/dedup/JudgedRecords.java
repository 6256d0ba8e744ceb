package io.cria.dedup;

import io.cria.run.RunProgress;
import io.cria.task.CriaException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * The records of files on their way through a job: read for their texts, and written by verdict.
 */
final class JudgedRecords {
  private final SparkSession spark;
  private final String job;
  private final RunProgress progress;

  /**
   * @param spark of {@link #session}
   * @param job what it is called in Spark's UI
   */
  JudgedRecords(SparkSession spark, String job, RunProgress progress) {
    this.spark = spark;
    this.job = job;
    this.progress = progress;
  }

  /** A session in which column names that differ in case only are two columns. */
  static SparkSession session(SparkSession spark) {
    SparkSession own = spark.newSession();
    own.conf().set("spark.sql.caseSensitive", "true");
    return own;
  }

  /**
   * The inputs.
   *
   * @param columns whose texts are read
   * @param orderBy column of the order keys; null without one
   * @param skipsMissing whether records may be without a text
   */
  List<Input> open(
      List<InputFiles> files,
      List<String> columns,
      @Nullable String orderBy,
      boolean skipsMissing) {
    return files.stream().map(input -> open(input, columns, orderBy, skipsMissing)).toList();
  }

  private Input open(
      InputFiles files, List<String> columns, @Nullable String orderBy, boolean skipsMissing) {
    return files.kind() == InputFiles.Kind.PARQUET
        ? new ParquetInput(spark, files, columns, orderBy, skipsMissing)
        : new JsonInput(spark, files, columns, orderBy, skipsMissing);
  }

  /**
   * The texts of each input.
   *
   * @throws CriaException (bad input) when one has no record, or a record no such text
   */
  List<Column> read(List<Input> inputs) {
    return read("reading", inputs, new Chunk.Whole()).stream().map(Column::new).toList();
  }

  /**
   * What is told of the chunks of each input, in row order.
   *
   * @param what is done
   * @param work done where the texts are read
   * @throws CriaException as of {@link #read(List)}
   */
  <T extends Stretch.Told> List<List<T>> read(
      String what, List<Input> inputs, Stretch.Work<T> work) {
    List<List<T>> told = new ArrayList<>();
    for (Input input : inputs) {
      step(what + " " + input.name());
      List<T> one = input.read(work);
      long records = one.stream().mapToLong(part -> part.stretch().records()).sum();
      if (records == 0) {
        throw CriaException.badInput(
            input.name() + ": it holds no record: give an input with at least one");
      }
      told.add(one);
      progress.advance(records, null);
      progress.end();
    }
    return told;
  }

  /**
   * @throws CriaException (bad input) as {@link OneTable#requireOne}
   */
  void requireOneTable(List<Input> inputs) {
    step("finding the columns' types");
    OneTable.requireOne(inputs);
    progress.end();
  }

  /**
   * Writes kept and dropped records, as lines of JSON and as Parquet.
   *
   * @throws CriaException (bad input) when the files are no longer what was judged
   */
  void write(DedupOutput output, List<InputFiles> files, List<Input> inputs, Verdicts verdicts) {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    try {
      write(output, inputs, verdicts);
    } catch (RuntimeException e) {
      // what fails in reading again may be another file by now
      files.forEach(file -> file.requireUnchanged(hadoop));
      throw e;
    }
    files.forEach(file -> file.requireUnchanged(hadoop));
  }

  private void write(DedupOutput output, List<Input> inputs, Verdicts verdicts) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    Broadcast<Verdicts> decided = context.broadcast(verdicts);
    try {
      step("writing JSON lines");
      output.writeJson(inputs, decided);
      progress.advance(verdicts.size(), null);
      progress.end();
      step("writing Parquet");
      output.writeParquet("kept", () -> table(inputs, decided, true));
      output.writeParquet("dropped", () -> table(inputs, decided, false));
      progress.advance(verdicts.size(), null);
      progress.end();
    } finally {
      decided.destroy();
    }
  }

  private void step(String what) {
    spark.sparkContext().setJobDescription("cria: " + job + ", " + what);
    progress.begin(what, -1);
  }

  private static Dataset<Row> table(
      List<Input> inputs, Broadcast<Verdicts> verdicts, boolean kept) {
    List<Dataset<Row>> tables = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      tables.add(inputs.get(i).table(verdicts, i, kept));
    }
    return OneTable.union(tables);
  }
}
