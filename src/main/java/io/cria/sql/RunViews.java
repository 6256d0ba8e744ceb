package io.cria.sql;

import io.cria.run.Line;
import io.cria.run.RunTables;
import io.cria.run.Schemas;
import io.cria.run.StageDeclaration;
import io.cria.run.TableDeclaration;
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
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The tables of one run as temporary views: {@code requests, ledger, answers, candidates,
 * classified, instances, examples, seeds, pool, training}. A table that the run has not reached is
 * an empty view with its columns. {@code ledger} leaves out lines that do not read, as every reader
 * of the ledger does.
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
          "examples",
          "training");

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

  private final SparkSession spark;
  private final RunDirectory run;

  private RunViews(SparkSession spark, RunDirectory run) {
    this.spark = spark;
    this.run = run;
  }

  /**
   * Puts the views of a run into the session, over those of another run, and Cria's functions.
   *
   * @throws CriaException when the directory holds no run, or a table was not written whole
   */
  public static void register(SparkSession spark, RunDirectory run) {
    if (!run.exists("run.json")) {
      throw CriaException.badInput(
          run.root()
              + ": there is no run here (no run.json): give the directory of cria run --run");
    }
    CriaExtensions.register(spark);
    new RunViews(spark, run).registerAll();
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
    view("pool", spark.sql(POOL));
    view("training", training());
  }

  /** One file a training, whose directory has its name. */
  private Dataset<Row> training() {
    return run.list(METRICS).isEmpty()
        ? spark.createDataFrame(List.of(), Schemas.TRAINING)
        : spark.read().schema(Schemas.TRAINING).parquet(run.path(METRICS));
  }

  private void byStage(TableDeclaration table) {
    List<Manifest> committed = new ArrayList<>();
    for (StageDeclaration stage : Line.asking().toList()) {
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
