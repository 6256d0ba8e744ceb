package io.cria.report;

import io.cria.report.ReportFigures.Evaluation;
import io.cria.report.ReportFigures.Rounds;
import io.cria.run.DerivedTable;
import io.cria.run.ExampleStatistics;
import io.cria.run.Line;
import io.cria.run.RunTables;
import io.cria.run.TableDeclaration;
import io.cria.select.NearestNeighbours;
import io.cria.sql.RunViews;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.DatasetStatistics;
import io.cria.text.Tokenizer;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The report of one run. Reads what is published, beside a driver at work too; writes nothing of
 * the line. What takes long, {@link DerivedTable}s, is computed once and kept in the run.
 */
public final class RunReport {
  /** Its name in a run's directory. */
  public static final String FILE = "report.html";

  private static final String SEEDS = "inputs/seeds.jsonl";

  private final SparkSession spark;
  private final RunDirectory run;
  private final Clock clock;
  private final Consumer<String> progress;
  private final Map<String, String> notes = new TreeMap<>();
  private List<RunDirectory> evaluations = List.of();

  /**
   * @param spark a session; the report works in one of its own beside it
   * @param progress is told what takes long
   */
  public RunReport(SparkSession spark, RunDirectory run, Clock clock, Consumer<String> progress) {
    this.spark = spark.newSession();
    this.run = run;
    this.clock = clock;
    this.progress = progress;
  }

  /**
   * Shows what these evaluations found, too.
   *
   * @param directories of evaluations that have ended
   */
  public RunReport with(List<RunDirectory> directories) {
    evaluations = List.copyOf(directories);
    return this;
  }

  /**
   * The report as HTML.
   *
   * @param mostCompared kept instructions up to which neighbours are computed that are not there
   *     yet; beyond, a note says how to have them
   * @throws CriaException when there is no run, or a table of it was not written whole
   */
  public String html(long mostCompared) {
    return ReportPage.html(figures(mostCompared));
  }

  private ReportFigures figures(long mostCompared) {
    RunHead head = RunHead.of(run);
    // before what takes long: one of them may be none
    List<Evaluation> evaluated = evaluations.stream().map(EvaluationFigures::of).toList();
    open();
    bringDerived(head, mostCompared);
    job("rounds and reasons");
    RoundFigures rounds = RoundFigures.of(spark, planned());
    try (SpendFigures spend = spend()) {
      return gathered(head, rounds, spend, evaluated);
    }
  }

  private SpendFigures spend() {
    job("spend");
    return SpendFigures.of(spark, run);
  }

  private ReportFigures gathered(
      RunHead head, RoundFigures rounds, SpendFigures spend, List<Evaluation> evaluated) {
    TextFigures texts = new TextFigures(spark);
    SampleFigures samples = new SampleFigures(spark, Tokenizer.named(head.tokenizer()));
    JudgedFigures judged = new JudgedFigures(spark);
    Rounds byRound = rounds.rounds();
    DatasetStatistics statistics = counted();
    job("figures");
    return new ReportFigures(
        head.head(clock.instant()),
        statistics.instances() == 0 ? null : statistics,
        rounds.funnel(),
        byRound,
        rounds.reasons(),
        rounds.instanceReasons(),
        spend.stages(),
        spend.times(),
        texts.likeness(),
        texts.lengths(),
        texts.verbs(),
        texts.languages(),
        samples.samples(),
        samples.rejected(),
        samples.kept(),
        judged.verdicts(),
        evaluated,
        judged.moderation(),
        judged.training(),
        notes);
  }

  /** The statistics of the machine's examples alone. */
  public DatasetStatistics statistics() {
    open();
    return counted();
  }

  private DatasetStatistics counted() {
    job("statistics");
    return ExampleStatistics.of(spark.table("examples").filter("source = 'machine'"));
  }

  private void open() {
    job("open the tables");
    // nothing that is shuffled here is large
    spark.conf().set("spark.sql.shuffle.partitions", spark.sparkContext().defaultParallelism());
    // what is not whole is computed anew, and told then
    RunViews.register(spark, run, unused -> {});
  }

  private void job(String what) {
    spark.sparkContext().setJobDescription("cria: report, " + what);
  }

  private int planned() {
    List<Integer> rounds = RunTables.rounds(run, Line.REQUESTS, Line.GENERATE.name());
    List<Integer> made = RunTables.rounds(run, Line.GENERATE.table());
    return 1 + Math.max(last(rounds), last(made));
  }

  private static int last(List<Integer> rounds) {
    return rounds.isEmpty() ? 0 : rounds.get(rounds.size() - 1);
  }

  /** What is computed once, and of what is not, why. */
  Map<String, String> bringDerived(long mostCompared) {
    open();
    bringDerived(RunHead.of(run), mostCompared);
    return notes;
  }

  /** Computes what is not there yet, or was computed from other tables than lie there now. */
  private void bringDerived(RunHead head, long mostCompared) {
    long kept = kept();
    if (kept == 0) {
      return;
    }
    List<Manifest.Input> candidates = inputs(Line.GENERATE.table());
    List<Manifest.Input> compared = new ArrayList<>(candidates);
    if (run.exists(SEEDS)) {
      compared.add(new Manifest.Input(SEEDS, run.sha256(SEEDS)));
    }
    if (kept <= mostCompared || DerivedTable.NEIGHBOURS.isUpToDate(run, compared)) {
      bring(DerivedTable.NEIGHBOURS, head, compared, () -> neighbours(head.tokenizer()), kept);
    } else {
      // what may lie there is of other texts
      DerivedTable.NEIGHBOURS.empty(spark).createOrReplaceTempView(DerivedTable.NEIGHBOURS.name());
      notes.put(
          "likeness",
          "Not computed for more than "
              + mostCompared
              + " instructions: cria report RUN --most-compared "
              + kept
              + " does it.");
    }
    List<Manifest.Input> described = new ArrayList<>(candidates);
    described.addAll(inputs(Line.INSTANCES.table()));
    bring(DerivedTable.TRAITS, head, described, () -> InstructionTraits.of(spark), kept);
  }

  private void bring(
      DerivedTable table,
      RunHead head,
      List<Manifest.Input> inputs,
      Supplier<Dataset<Row>> rows,
      long kept) {
    job("compute " + table.name());
    if (!table.isUpToDate(run, inputs)) {
      progress.accept("report: computing " + table.name() + " of " + kept + " instructions, once");
    }
    if (table.bring(spark, run, head.identity(), inputs, rows)) {
      table.read(spark, run, progress).createOrReplaceTempView(table.name());
    }
  }

  private Dataset<Row> neighbours(String tokenizer) {
    return NearestNeighbours.of(
        spark,
        tokenizer,
        spark.sql("SELECT id, instruction FROM seeds ORDER BY row").toLocalIterator(),
        spark
            .sql(
                "SELECT id, round, row, item, instruction FROM pool WHERE source = 'machine'"
                    + " ORDER BY round, row, item")
            .toLocalIterator());
  }

  private long kept() {
    long kept = 0;
    for (int round : RunTables.rounds(run, Line.GENERATE.table())) {
      for (Manifest part : RunTables.committed(run, Line.GENERATE.table().round(round))) {
        kept += part.counts().getOrDefault("kept", 0L);
      }
    }
    return kept;
  }

  private List<Manifest.Input> inputs(TableDeclaration table) {
    return RunTables.rounds(run, table).stream()
        .map(table::round)
        .filter(directory -> !RunTables.committed(run, directory).isEmpty())
        .map(directory -> RunTables.input(run, directory))
        .toList();
  }
}
