package io.cria.testing;

import io.cria.llm.LedgerLines;
import io.cria.llm.LedgerRecord;
import io.cria.llm.Outcome;
import io.cria.llm.Usage;
import io.cria.pipeline.RunRecord;
import io.cria.run.Line;
import io.cria.run.ParquetRows;
import io.cria.run.Rows;
import io.cria.run.TableDeclaration;
import io.cria.storage.Commits;
import io.cria.storage.Json;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.Ids;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * A small run directory, written by hand: two seeds; a committed round of two requests, the first
 * answered at its second attempt, with one candidate kept and two rejected; its instances and its
 * one example; a second round that is planned and not yet answered. The ledger has a damaged line
 * and a torn one.
 */
public final class HandMadeRun {
  public static final String FIRST = "a".repeat(64);
  public static final String SECOND = "b".repeat(64);
  public static final String THIRD = "c".repeat(64);
  public static final String KEPT = Ids.candidate(FIRST, 0);

  private final RunDirectory run;

  private HandMadeRun(RunDirectory run) {
    this.run = run;
  }

  /** Writes it into a directory. */
  public static RunDirectory write(SparkSession spark, Path directory) {
    RunDirectory run = started(spark, directory);
    HandMadeRun made = new HandMadeRun(run);
    made.requests(0, List.of(request(FIRST, 0), request(SECOND, 1)));
    made.ledger();
    made.candidates();
    made.instances();
    made.examples();
    made.requests(1, List.of(request(THIRD, 0)));
    return run;
  }

  /** A run that has not come further than its inputs. */
  public static RunDirectory started(SparkSession spark, Path directory) {
    RunDirectory run =
        RunDirectory.at(directory.toString(), spark.sparkContext().hadoopConfiguration());
    run.replace(
        "run.json",
        Json.write(
            new RunRecord(
                2,
                "d".repeat(64),
                Map.of("recipe", "self-instruct", "model", "small"),
                Map.of("cria", "0.1.0"),
                "0123abc")));
    run.replace("inputs/seeds.jsonl", seed(0, "Name a colour.") + seed(1, "Name two birds."));
    return run;
  }

  /** Copies a run directory file by file: quicker than writing it again. */
  public static Path copy(Path run, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(run)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(run.relativize(file).toString()));
      }
    }
    return to;
  }

  /** A line of the file of seeds. */
  public static String seed(int n, String instruction) {
    return "{\"id\": \"seed_"
        + n
        + "\", \"name\": \"\", \"instruction\": \""
        + instruction
        + "\", \"instances\": [{\"input\": \"\", \"output\": \"red\"}], \"is_classification\":"
        + " false}\n";
  }

  private static Row request(String key, int row) {
    return Rows.row(
        Line.REQUESTS.fileColumns(),
        key,
        row,
        0,
        key,
        "small",
        "Come up with tasks.",
        null,
        new String[] {"seed_1", "seed_0"},
        3,
        "{\"max_tokens\":100}",
        null,
        -1,
        -1,
        null,
        null);
  }

  private void requests(int round, List<Row> rows) {
    String directory = Line.REQUESTS.round("generate", round);
    Manifest.File file = file(Line.REQUESTS, directory, rows);
    new Commits(run).publish(directory, Map.of(), manifest(Map.of(), file));
  }

  private void ledger() {
    String lines =
        line(FIRST, 1, 0, Outcome.RETRY_TRANSIENT, null)
            + line(FIRST, 2, 0, Outcome.OK, "1. Name a fish.\n2. Name.")
            + line(SECOND, 1, 1, Outcome.OK, "1. Name two birds, please.");
    String damaged = line(SECOND, 2, 1, Outcome.OK, "never read").replace("never", "worse");
    String torn = line(SECOND, 3, 1, Outcome.OK, "torn").substring(0, 50);
    run.replace("ledger/stage=generate/round=0000/segment-0.jsonl", lines + damaged + torn);
  }

  private static String line(
      String key, int attempt, int row, Outcome outcome, @Nullable String text) {
    boolean answered = text != null;
    return LedgerLines.line(
            new LedgerRecord(
                key,
                attempt,
                "generate",
                0,
                row,
                outcome,
                answered ? 200 : 503,
                answered ? "stop" : null,
                "{}",
                text,
                answered ? new Usage(40, 0, 12, false) : null,
                "small",
                answered ? 0.25 : null,
                null,
                Instant.parse("2026-01-01T00:00:00Z"),
                120,
                false,
                answered ? null : "503 from the server"))
        + "\n";
  }

  private void candidates() {
    publish(
        Line.GENERATE.table(),
        List.of(
            candidate(KEPT, 0, 0, "Name a fish.", null, null, null),
            candidate(Ids.candidate(FIRST, 1), 0, 1, "Name.", "too_short", null, null),
            candidate(
                Ids.candidate(SECOND, 0),
                1,
                0,
                "Name two birds, please.",
                "similar",
                "seed_1",
                0.75)),
        Map.of("kept", 1L, "too_short", 1L, "similar", 1L));
  }

  private static Row candidate(
      String id,
      int row,
      int item,
      String instruction,
      @Nullable String reason,
      @Nullable String neighbour,
      @Nullable Double score) {
    String key = id.substring(0, 64);
    return Rows.row(
        Line.GENERATE.table().columns(),
        id,
        key,
        Ids.answer(key, key.equals(FIRST) ? 2 : 1),
        0,
        row,
        item,
        instruction,
        instruction,
        null,
        null,
        reason == null,
        reason,
        neighbour,
        score);
  }

  private void instances() {
    publish(
        Line.INSTANCES.table(),
        List.of(instance(0, "", "salmon\nor carp", null), instance(1, "a", "a", "same_as_input")),
        Map.of("kept", 1L, "same_as_input", 1L));
  }

  private static Row instance(int n, String input, String output, @Nullable String reason) {
    return Rows.row(
        Line.INSTANCES.table().columns(),
        Ids.instance(KEPT, n),
        KEPT,
        Ids.answer("e".repeat(64), 1),
        0,
        0,
        0,
        n,
        output,
        input,
        output,
        reason == null,
        reason);
  }

  private void examples() {
    String instance = Ids.instance(KEPT, 0);
    publish(
        Line.DATASET.table(),
        List.of(
            Rows.row(
                Line.DATASET.table().columns(),
                Ids.example(instance, "plain"),
                instance,
                0,
                0,
                0,
                0,
                "Name a fish.",
                "",
                "salmon\nor carp",
                false,
                "machine",
                "small",
                "self-instruct",
                "Name a fish.",
                "salmon\nor carp",
                new Row[] {
                  RowFactory.create("user", "Name a fish."),
                  RowFactory.create("assistant", "salmon\nor carp")
                })),
        Map.of());
  }

  private void publish(TableDeclaration table, List<Row> rows, Map<String, Long> counts) {
    String directory = table.round(0);
    Manifest.File file = file(table, directory, rows);
    new Commits(run).publish(Commits.part(directory, 0), Map.of(), manifest(counts, file));
  }

  private Manifest.File file(TableDeclaration table, String directory, List<Row> rows) {
    String path = Commits.partFile(directory, 0);
    ParquetRows.write(run, path, table.fileColumns(), rows);
    return new Manifest.File(path, rows.size(), run.size(path), run.sha256(path));
  }

  private static Manifest manifest(Map<String, Long> counts, Manifest.File file) {
    return new Manifest(
        Manifest.FORMAT, 1, "test", 1, "", "", List.of(), List.of(file), counts, null);
  }
}
