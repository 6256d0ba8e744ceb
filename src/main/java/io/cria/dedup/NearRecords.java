package io.cria.dedup;

import io.cria.run.RunProgress;
import io.cria.run.Versions;
import io.cria.storage.Manifest;
import io.cria.task.Ids;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/** Records of files that are near an evaluation set are dropped; the others are kept. */
public final class NearRecords {
  private final SparkSession spark;
  private final NearOptions options;
  private final RunProgress progress;
  private final JudgedRecords records;

  private NearRecords(SparkSession spark, NearOptions options, RunProgress progress) {
    this.spark = JudgedRecords.session(spark);
    this.options = options;
    this.progress = progress;
    this.records = new JudgedRecords(this.spark, "decontaminate", progress);
  }

  /**
   * Does the job, unless its result stands there already.
   *
   * @throws io.cria.task.CriaException (bad input) when inputs, set, options or output do not do;
   *     nothing is written then
   */
  public static NearReport run(SparkSession spark, NearOptions options, RunProgress progress) {
    return new NearRecords(spark, options, progress).run();
  }

  private NearReport run() {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    EvaluationItems set = EvaluationItems.read(options.against(), hadoop);
    set.tellUnseen(options.rules(), progress);
    List<InputFiles> files =
        options.inputs().stream().map(name -> InputFiles.of(name, hadoop)).toList();
    Distinct.require(files, options.output(), hadoop);
    String job = job(files, set);
    try (DedupOutput output = new DedupOutput(options.output(), hadoop)) {
      Optional<NearReport> done = output.done(job, NearReport.class);
      if (done.isPresent()) {
        progress.note(options.output() + ": holds this job's result already: nothing to do");
        return done.get();
      }
      output.begin();
      List<Input> inputs = records.open(files, options.columns(), null, false);
      List<List<NearStretch>> judged = judge(inputs, set, output);
      records.requireOneTable(inputs);
      NearVerdicts verdicts =
          new NearVerdicts(
              judged,
              options.rules().names(),
              set.places(),
              output.decisions(),
              new SerializableConfiguration(hadoop));
      NearReport report = report(job, set, inputs, judged);
      records.write(output, files, inputs, verdicts);
      output.publish(report);
      return report;
    }
  }

  private String job(List<InputFiles> files, EvaluationItems set) {
    List<String> parts = new ArrayList<>();
    files.forEach(file -> parts.add(file.fingerprint()));
    set.files().stream().map(Manifest.Input::toString).forEach(parts::add);
    parts.add(
        "columns "
            + options.column()
            + " "
            + options.inputColumn()
            + " "
            + options.outputColumn()
            + " "
            + options.rules());
    return Ids.sha256(String.join("\n", parts));
  }

  /** The set goes to the records: no text of theirs comes to the driver. */
  private List<List<NearStretch>> judge(
      List<Input> inputs, EvaluationItems set, DedupOutput output) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    Broadcast<NearExamples.Reference> reference =
        context.broadcast(new NearExamples.Reference(options.rules(), set.items()));
    try {
      return records.read(
          "judging",
          inputs,
          new NearStretch.Judge(
              reference,
              options,
              output.decisions(),
              new SerializableConfiguration(context.hadoopConfiguration())));
    } finally {
      reference.destroy();
    }
  }

  private NearReport report(
      String job, EvaluationItems set, List<Input> inputs, List<List<NearStretch>> judged) {
    List<DedupReport.InputCounts> counts = new ArrayList<>();
    Map<String, Long> reasons = new TreeMap<>();
    for (int i = 0; i < inputs.size(); i++) {
      List<NearStretch> stretches = judged.get(i);
      long rows = stretches.stream().mapToLong(one -> one.stretch().records()).sum();
      long dropped = stretches.stream().mapToLong(NearStretch::dropped).sum();
      counts.add(
          new DedupReport.InputCounts(
              inputs.get(i).name(), inputs.get(i).kind(), rows, rows - dropped, dropped, 0));
      stretches.forEach(one -> count(one.byRule(), reasons));
    }
    long rows = counts.stream().mapToLong(DedupReport.InputCounts::rows).sum();
    long kept = DedupReport.kept(counts);
    return new NearReport(
        NearReport.FORMAT,
        job,
        options.columns(),
        set.files().stream().map(Manifest.Input::path).toList(),
        set.items().size(),
        options.rules().tokenizer(),
        options.rules().threshold(),
        options.rules().gram(),
        counts,
        rows,
        kept,
        rows - kept,
        reasons,
        Versions.cria());
  }

  private void count(List<Long> byRule, Map<String, Long> reasons) {
    for (int rule = 0; rule < byRule.size(); rule++) {
      if (byRule.get(rule) > 0) {
        reasons.merge(options.rules().names().get(rule), byRule.get(rule), Long::sum);
      }
    }
  }
}
