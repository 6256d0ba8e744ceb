package io.cria.sql;

import io.cria.run.DerivedTable;
import io.cria.run.Line;
import io.cria.run.RunTables;
import io.cria.run.Schemas;
import io.cria.run.StageDeclaration;
import io.cria.run.TableDeclaration;
import io.cria.run.VerdictTable;
import io.cria.seed.SeedFile;
import io.cria.storage.LedgerFiles;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.SeedTask;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The tables of one run as temporary views: {@code requests, ledger, answers, candidates,
 * classified, instances, moderated, examples, seeds, pool, training, verdicts, neighbours, traits}.
 * A table that the run has not reached is an empty view with its columns; {@code neighbours} and
 * {@code traits} come with its report. {@code ledger} leaves out lines that do not read, as every
 * reader of the ledger does.
 *
 * <p>{@code pool} is what the similarity rule compares with: the seeds (round -1), then the kept
 * candidates; its order is (round, row, item).
 */
public final class RunViews {
  /** The views, in the order of the line. */
  public static final List<String> NAMES =
      List.of(
          "seeds",
          "requests",
          "ledger",
          "answers",
          "candidates",
          "pool",
          "classified",
          "instances",
          "moderated",
          "examples",
          "training",
          "verdicts",
          "neighbours",
          "traits");

  static final StructType SEEDS =
      new StructType()
          .add("id", DataTypes.StringType, false)
          .add("name", DataTypes.StringType, false)
          .add("instruction", DataTypes.StringType, false)
          .add(
              "instances",
              DataTypes.createArrayType(
                  new StructType()
                      .add("input", DataTypes.StringType, false)
                      .add("output", DataTypes.StringType, false),
                  false),
              false)
          .add("is_classification", DataTypes.BooleanType, false)
          .add("row", DataTypes.IntegerType, false);

  private static final String METRICS = "metrics";
  private static final String SEED_FILE = "inputs/seeds.jsonl";

  private static final String POOL =
      """
      SELECT id, instruction, 'seed' AS source, -1 AS round, row, 0 AS item FROM seeds
      UNION ALL
      SELECT candidate_id, instruction, 'machine', round, row, item FROM candidates WHERE kept
      """;

  /** What was judged beside the line, below the view that has moderation too. */
  private static final String JUDGED = "_judged";

  private static final String VERDICTS =
      """
      WITH moderation AS (
        SELECT e.example_id, m.* FROM moderated m JOIN examples e USING (instance_id))
      SELECT * FROM _judged
      UNION ALL
      SELECT example_id, 'moderation', 'moderate', rater, 'flagged', if(flagged, 'yes', 'no'),
        greatest(scores.harassment, scores.hate, scores.illicit, scores.self_harm, scores.sexual,
          scores.violence),
        concat_ws(', ', categories), CAST(NULL AS STRING), answer_id
      FROM moderation
      UNION ALL
      SELECT example_id, 'moderation', 'moderate', 'rule:pii', 'pii', if(size(pii) > 0, 'yes', 'no'),
        CAST(NULL AS DOUBLE), concat_ws(', ', pii), CAST(NULL AS STRING), CAST(NULL AS STRING)
      FROM moderation
      """;

  private final SparkSession spark;
  private final RunDirectory run;
  private final Consumer<String> warnings;

  private RunViews(SparkSession spark, RunDirectory run, Consumer<String> warnings) {
    this.spark = spark;
    this.run = run;
    this.warnings = warnings;
  }

  /**
   * Puts the views of a run into the session, over those of another run, and Cria's functions.
   * Warnings go to standard error.
   *
   * @throws CriaException when the directory holds no run, or a table was not written whole
   */
  public static void register(SparkSession spark, RunDirectory run) {
    register(spark, run, line -> System.err.println("cria: " + line));
  }

  /**
   * As {@link #register(SparkSession, RunDirectory)}.
   *
   * @param warnings is told of what can be computed again and is not whole: it is an empty view
   */
  public static void register(SparkSession spark, RunDirectory run, Consumer<String> warnings) {
    if (!run.exists("run.json")) {
      throw CriaException.badInput(
          run.root()
              + ": there is no run here (no run.json): give the directory of cria run --run");
    }
    CriaExtensions.register(spark);
    new RunViews(spark, run, warnings).registerAll();
  }

  /** The views of a run's directory: those of the line, and of what was done beside it. */
  public static List<String> names(RunDirectory run) {
    return Stream.concat(NAMES.stream(), RunTables.beside(run).stream().map(TableDeclaration::name))
        .distinct()
        .toList();
  }

  private void registerAll() {
    view("seeds", spark.createDataFrame(seeds(), SEEDS));
    view("ledger", LedgerView.of(spark, run, LedgerFiles.segments(run)));
    byStage(Line.REQUESTS);
    byStage(Line.ANSWERS);
    for (StageDeclaration stage : Line.STAGES) {
      List<Manifest> committed = new ArrayList<>();
      for (int round : RunTables.rounds(run, stage.table())) {
        committed.addAll(RunTables.committed(run, stage.table().round(round)));
      }
      view(stage.table().name(), RunTables.read(spark, run, stage.table(), committed));
    }
    for (TableDeclaration table : RunTables.beside(run)) {
      List<Manifest> committed = new ArrayList<>();
      for (int round : RunTables.rounds(run, table)) {
        committed.addAll(RunTables.committed(run, table.round(round)));
      }
      view(table.name(), RunTables.read(spark, run, table, committed));
    }
    view("pool", spark.sql(POOL));
    view("training", training());
    VerdictTable.read(spark, run).createOrReplaceTempView(JUDGED);
    view("verdicts", spark.sql(VERDICTS));
    DerivedTable.ALL.forEach(table -> view(table.name(), table.read(spark, run, warnings)));
  }

  /** One file a training, whose directory has its name. */
  private Dataset<Row> training() {
    return run.list(METRICS).isEmpty()
        ? spark.createDataFrame(List.of(), Schemas.TRAINING)
        : spark.read().schema(Schemas.TRAINING).parquet(run.path(METRICS));
  }

  private void byStage(TableDeclaration table) {
    List<Manifest> committed = new ArrayList<>();
    for (StageDeclaration stage : RunTables.asked(run)) {
      for (int round : RunTables.rounds(run, table, stage.name())) {
        committed.addAll(RunTables.committed(run, table.round(stage.name(), round)));
      }
    }
    view(table.name(), RunTables.read(spark, run, table, committed));
  }

  private static void view(String name, Dataset<Row> data) {
    data.createOrReplaceTempView(name);
  }

  private List<Row> seeds() {
    if (!run.exists(SEED_FILE)) {
      return List.of();
    }
    try (InputStream in = run.open(SEED_FILE)) {
      List<SeedTask> tasks = SeedFile.read(in, run.path(SEED_FILE));
      List<Row> rows = new ArrayList<>();
      for (SeedTask task : tasks) {
        rows.add(row(task, rows.size()));
      }
      return rows;
    } catch (IOException e) {
      throw new UncheckedIOException(run.path(SEED_FILE) + " cannot be closed", e);
    }
  }

  private static Row row(SeedTask task, int position) {
    return RowFactory.create(
        task.id(),
        task.name(),
        task.instruction(),
        task.instances().stream()
            .map(pair -> RowFactory.create(pair.input(), pair.output()))
            .toArray(Row[]::new),
        task.isClassification(),
        position);
  }
}
