package io.cria.dedup;

import static org.apache.spark.sql.functions.countDistinct;

import io.cria.run.Line;
import io.cria.run.RunProgress;
import io.cria.run.RunTables;
import io.cria.run.VerdictTable;
import io.cria.similarity.Contamination;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.Ids;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The examples of a run that are near an evaluation set, as verdicts of the kind {@code
 * decontamination}. The run's tables stay as they are. Set and rules travel to the executors;
 * nothing of the examples comes to the driver.
 */
public final class Decontamination {
  public static final String KIND = "decontamination";

  /** The name of a judgement that is given none. */
  public static final String NAME = "evaluation";

  private static final List<String> ORDER = List.of("round", "row", "item", "n", "question");

  private final SparkSession spark;
  private final RunDirectory run;
  private final RunProgress progress;

  /**
   * What was found.
   *
   * @param examples judged
   * @param near of them, by any rule
   * @param items of the set
   * @param manifest of the verdicts; its counts are by {@code rule/near}
   * @param worked false where the verdicts stood there already
   */
  public record Report(long examples, long near, int items, Manifest manifest, boolean worked) {}

  public Decontamination(SparkSession spark, RunDirectory run, RunProgress progress) {
    this.spark = spark;
    this.run = run;
    this.progress = progress;
  }

  /**
   * Judges every example of the run, unless that is done.
   *
   * @param against files and folders of the set
   * @param name of the judgement
   * @throws CriaException (bad input) where there is no run, no example or no item
   */
  public Report judge(List<String> against, Contamination.Rules rules, String name) {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    EvaluationItems set = EvaluationItems.read(against, hadoop);
    set.tellUnseen(rules, progress);
    requireRun();
    // before the tables are looked at: verdicts may be of newer examples than they say, not of
    // older
    List<Manifest.Input> inputs = inputs(set, rules);
    List<Manifest> committed = committed();
    long examples = committed.stream().mapToLong(Manifest::rows).sum();
    if (examples == 0) {
      throw CriaException.badInput(
          run.root()
              + ": it has no examples to judge: finish the run first, its stage dataset makes them");
    }
    Optional<Manifest> before =
        VerdictTable.published(run, KIND).stream()
            .filter(judgement -> judgement.name().equals(name))
            .map(VerdictTable.Published::manifest)
            .findFirst();
    Optional<Manifest> done = before.filter(manifest -> manifest.inputs().equals(inputs));
    boolean worked = done.isEmpty();
    if (worked && before.isPresent()) {
      progress.note(
          "the judgement "
              + name
              + " was made from another set, other rules or other examples: it is made anew (--name"
              + " gives this one a name of its own)");
    }
    Manifest manifest =
        done.orElseGet(() -> published(committed, set, rules, name, inputs, examples));
    return new Report(examples, near(name), set.items().size(), manifest, worked);
  }

  private void requireRun() {
    if (!run.exists("run.json")) {
      throw CriaException.badInput(
          run.root()
              + ": there is no run here (no run.json): give the directory of cria run --run");
    }
  }

  private List<Manifest> committed() {
    List<Manifest> committed = new ArrayList<>();
    for (int round : RunTables.rounds(run, Line.DATASET.table())) {
      committed.addAll(RunTables.committed(run, Line.DATASET.table().round(round)));
    }
    return committed;
  }

  /** The examples first, so that who uses the verdicts sees which they judge. */
  private List<Manifest.Input> inputs(EvaluationItems set, Contamination.Rules rules) {
    List<Manifest.Input> inputs = new ArrayList<>();
    for (int round : RunTables.rounds(run, Line.DATASET.table())) {
      inputs.add(RunTables.input(run, Line.DATASET.table().round(round)));
    }
    inputs.addAll(set.files());
    inputs.add(new Manifest.Input("rules", Ids.sha256(rules.toString())));
    return inputs;
  }

  private Manifest published(
      List<Manifest> committed,
      EvaluationItems set,
      Contamination.Rules rules,
      String name,
      List<Manifest.Input> inputs,
      long examples) {
    spark.sparkContext().setJobDescription("cria: decontaminate " + run.root());
    progress.begin("decontaminate", examples);
    Broadcast<NearExamples.Reference> reference =
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .broadcast(new NearExamples.Reference(rules, set.items()));
    try {
      Dataset<Row> verdicts =
          RunTables.read(spark, run, Line.DATASET.table(), committed)
              .select("round", "row", "item", "n", "example_id", "instruction", "input", "output")
              .mapPartitions(new NearExamples(reference), Encoders.row(NearExamples.SCHEMA));
      Manifest manifest =
          VerdictTable.publish(
              run, spark.sparkContext().hadoopConfiguration(), KIND, name, inputs, verdicts, ORDER);
      progress.advance(examples, null);
      return manifest;
    } finally {
      progress.end();
      reference.destroy();
    }
  }

  private long near(String name) {
    List<VerdictTable.Published> judgement =
        VerdictTable.published(run, KIND).stream()
            .filter(published -> published.name().equals(name))
            .toList();
    return VerdictTable.read(spark, run, judgement)
        .agg(countDistinct("subject_id"))
        .head()
        .getLong(0);
  }
}
