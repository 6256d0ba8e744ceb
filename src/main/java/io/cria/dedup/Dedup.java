package io.cria.dedup;

import io.cria.run.RunProgress;
import io.cria.run.Versions;
import io.cria.select.Recall;
import io.cria.select.Selectors;
import io.cria.similarity.EngineOptions;
import io.cria.task.CriaException;
import io.cria.task.Ids;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * The similarity rule over a data set: records in order of input and row, a record dropped when its
 * text's ROUGE-L F with one kept before it exceeds the threshold.
 */
public final class Dedup {
  private final SparkSession spark;
  private final DedupOptions options;
  private final EngineOptions engine;
  private final RunProgress progress;

  private Dedup(SparkSession spark, DedupOptions options, RunProgress progress) {
    // column names that differ in case only are two columns
    this.spark = spark.newSession();
    this.spark.conf().set("spark.sql.caseSensitive", "true");
    this.options = options;
    this.engine = options.engine();
    this.progress = progress;
  }

  /**
   * Does the job, unless its result stands there already.
   *
   * @throws CriaException (bad input) when inputs, options or output do not do; nothing is written
   *     then
   */
  public static DedupReport run(SparkSession spark, DedupOptions options, RunProgress progress) {
    return new Dedup(spark, options, progress).run();
  }

  private DedupReport run() {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    List<InputFiles> files =
        options.inputs().stream().map(name -> InputFiles.of(name, hadoop)).toList();
    Distinct.require(files, options.output(), hadoop);
    String job = job(files);
    try (DedupOutput output = new DedupOutput(options.output(), hadoop)) {
      Optional<DedupReport> done = output.done(job);
      if (done.isPresent()) {
        progress.note(options.output() + ": holds this job's result already: nothing to do");
        return done.get();
      }
      output.begin();
      List<Input> inputs = files.stream().map(this::open).toList();
      List<Column> columns = read(inputs);
      step("finding the columns' types");
      OneTable.requireOne(inputs);
      progress.end();
      Decision decision = new Decision(inputs, columns);
      Verdicts verdicts = decision.run(engine, Selectors.of(spark, engine), progress);
      DedupReport report = report(job, inputs, columns, verdicts, decision.recall());
      try {
        write(output, inputs, verdicts);
      } catch (RuntimeException e) {
        // what fails in reading again may be another file by now
        requireUnchanged(files, hadoop);
        throw e;
      }
      requireUnchanged(files, hadoop);
      output.publish(report);
      return report;
    }
  }

  private static void requireUnchanged(List<InputFiles> files, Configuration hadoop) {
    files.forEach(file -> file.requireUnchanged(hadoop));
  }

  private String job(List<InputFiles> files) {
    List<String> parts = new ArrayList<>();
    files.forEach(file -> parts.add(file.fingerprint()));
    parts.add("column " + options.column());
    parts.add("order by " + options.orderBy());
    parts.add("threshold " + options.threshold());
    parts.add("tokenizer " + options.tokenizer());
    // every exact prefilter is the same job
    parts.add("exact " + engine.prefilter().isExact());
    return Ids.sha256(String.join("\n", parts));
  }

  private Input open(InputFiles files) {
    return files.kind() == InputFiles.Kind.PARQUET
        ? new ParquetInput(spark, files, options)
        : new JsonInput(spark, files, options);
  }

  private List<Column> read(List<Input> inputs) {
    List<Column> columns = new ArrayList<>();
    for (Input input : inputs) {
      step("reading " + input.name());
      Column column = input.read();
      if (column.isEmpty()) {
        throw CriaException.badInput(
            input.name() + ": it holds no record: give an input with at least one");
      }
      columns.add(column);
      progress.advance(column.size(), null);
      progress.end();
    }
    return columns;
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
    spark.sparkContext().setJobDescription("cria: dedup, " + what);
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

  private DedupReport report(
      String job,
      List<Input> inputs,
      List<Column> columns,
      Verdicts verdicts,
      @Nullable Recall recall) {
    List<DedupReport.InputCounts> counts = new ArrayList<>();
    long kept = 0;
    for (int i = 0; i < inputs.size(); i++) {
      int rows = columns.get(i).size();
      long here = verdicts.kept(i, rows);
      kept += here;
      counts.add(
          new DedupReport.InputCounts(
              inputs.get(i).name(), inputs.get(i).kind(), rows, here, rows - here));
    }
    return new DedupReport(
        DedupReport.FORMAT,
        job,
        options.column(),
        options.orderBy(),
        options.threshold(),
        options.tokenizer(),
        options.prefilter(),
        counts,
        verdicts.size(),
        kept,
        verdicts.size() - kept,
        recall == null ? null : recall.recall(),
        recall,
        Versions.cria());
  }
}
