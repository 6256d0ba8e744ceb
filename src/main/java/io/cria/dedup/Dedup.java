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
  private final JudgedRecords records;

  private Dedup(SparkSession spark, DedupOptions options, RunProgress progress) {
    this.spark = JudgedRecords.session(spark);
    this.records = new JudgedRecords(this.spark, "dedup", progress);
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
      Optional<DedupReport> done = output.done(job, DedupReport.class);
      if (done.isPresent()) {
        progress.note(options.output() + ": holds this job's result already: nothing to do");
        return done.get();
      }
      output.begin();
      List<Input> inputs =
          records.open(files, List.of(options.column()), options.orderBy(), options.skipsMissing());
      List<Column> columns = records.read(inputs);
      records.requireOneTable(inputs);
      Decision decision = new Decision(inputs, columns);
      SimilarVerdicts verdicts = decision.run(engine, Selectors.of(spark, engine), progress);
      DedupReport report = report(job, inputs, columns, verdicts, decision.recall());
      records.write(output, files, inputs, verdicts);
      output.publish(report);
      return report;
    }
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
    if (options.skipsMissing()) {
      parts.add("skip missing");
    }
    return Ids.sha256(String.join("\n", parts));
  }

  private DedupReport report(
      String job,
      List<Input> inputs,
      List<Column> columns,
      SimilarVerdicts verdicts,
      @Nullable Recall recall) {
    List<DedupReport.InputCounts> counts = DedupReport.InputCounts.of(inputs, columns, verdicts);
    long kept = DedupReport.kept(counts);
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
        columns.stream().mapToLong(Column::missing).sum(),
        recall == null ? null : recall.recall(),
        recall,
        Versions.cria());
  }
}
