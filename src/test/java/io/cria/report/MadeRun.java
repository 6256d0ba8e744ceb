package io.cria.report;

import io.cria.llm.LedgerLines;
import io.cria.llm.LedgerRecord;
import io.cria.llm.Outcome;
import io.cria.llm.Usage;
import io.cria.run.Line;
import io.cria.run.ParquetRows;
import io.cria.run.Rows;
import io.cria.run.Schemas;
import io.cria.run.TableDeclaration;
import io.cria.run.VerdictTable;
import io.cria.storage.Commits;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.Ids;
import io.cria.task.SeededRandom;
import io.cria.testing.HandMadeRun;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * A whole run of any size, made up: some requests fail, of the candidates a quarter is rejected, of
 * the instances some are dropped; moderated, reviewed and trained on. Two seed tasks. The same
 * arguments give the same run.
 */
final class MadeRun {
  private static final int CANDIDATES = 4;
  private static final Instant BEGIN = Instant.parse("2026-01-01T08:00:00Z");
  private static final List<String> REASONS = List.of("too_short", "keyword", "similar");

  private final SparkSession spark;
  private final RunDirectory run;
  private final List<String> texts;
  private final int perRound;
  private final SeededRandom random = new SeededRandom(5);
  private final List<String> keptIds = new ArrayList<>();
  private final List<String> exampleIds = new ArrayList<>();

  private MadeRun(SparkSession spark, RunDirectory run, List<String> texts, int perRound) {
    this.spark = spark;
    this.run = run;
    this.texts = texts;
    this.perRound = perRound;
  }

  /**
   * Writes it.
   *
   * @param texts instructions, of which three in four are kept
   * @param perRound texts a round
   */
  static RunDirectory write(SparkSession spark, Path directory, List<String> texts, int perRound) {
    MadeRun made = new MadeRun(spark, HandMadeRun.started(spark, directory), texts, perRound);
    for (int round = 0; round * perRound < texts.size(); round++) {
      made.round(round);
    }
    made.review();
    made.training();
    return made.run;
  }

  private void round(int round) {
    Round rows = new Round(round);
    int from = round * perRound;
    int to = Math.min(texts.size(), from + perRound);
    for (int at = from; at < to; at += CANDIDATES) {
      request(rows, (at - from) / CANDIDATES, texts.subList(at, Math.min(to, at + CANDIDATES)));
    }
    rows.publish();
  }

  private void request(Round rows, int row, List<String> candidates) {
    String key = Ids.sha256("request " + rows.round + " " + row);
    rows.add(
        Line.REQUESTS,
        key,
        row,
        0,
        key,
        "small",
        "Come up with tasks.",
        null,
        new String[] {"seed_1", "seed_0"},
        3,
        "{}",
        null,
        -1,
        -1,
        null,
        null);
    int attempt = 1;
    if (random.nextInt(10) == 0) {
      rows.ledger(key, attempt++, row, Outcome.RETRY_TRANSIENT, null);
    }
    rows.ledger(key, attempt, row, Outcome.OK, String.join("\n", candidates));
    String answer = Ids.answer(key, attempt);
    rows.add(
        Line.ANSWERS,
        key,
        answer,
        row,
        attempt,
        "ok",
        "stop",
        40L,
        0L,
        12L,
        0.0005,
        "small",
        null,
        null,
        null,
        null);
    for (int item = 0; item < candidates.size(); item++) {
      candidate(rows, row, item, key, answer, candidates.get(item));
    }
  }

  private void candidate(
      Round rows, int row, int item, String key, String answer, String instruction) {
    String id = Ids.candidate(key, item);
    String reason = item == CANDIDATES - 1 ? REASONS.get(random.nextInt(REASONS.size())) : null;
    boolean isSimilar = "similar".equals(reason);
    rows.add(
        Line.GENERATE.table(),
        id,
        key,
        answer,
        row,
        item,
        instruction,
        instruction,
        null,
        null,
        reason == null,
        reason,
        isSimilar && !keptIds.isEmpty() ? last(keptIds) : null,
        isSimilar ? 0.75 : null);
    rows.count(Line.GENERATE.table(), reason);
    if (reason == null) {
      keptIds.add(id);
      boolean isClassification = random.nextInt(5) == 0;
      rows.add(Line.CLASSIFY.table(), id, answer, row, item, isClassification, "yes", null);
      for (int n = 0; n <= random.nextInt(2); n++) {
        instance(rows, row, item, n, id, answer, instruction, isClassification);
      }
    }
  }

  private static <T> T last(List<T> items) {
    return items.get(items.size() - 1);
  }

  private void instance(
      Round rows,
      int row,
      int item,
      int n,
      String candidate,
      String answer,
      String instruction,
      boolean isClassification) {
    String id = Ids.instance(candidate, n);
    String input = random.nextInt(2) == 0 ? "" : "Input of " + row + " and " + random.nextInt(50);
    String output = "Done" + " and done".repeat(random.nextInt(60)) + ".";
    String reason = random.nextInt(20) == 0 ? "empty_output" : null;
    rows.add(
        Line.INSTANCES.table(),
        id,
        candidate,
        answer,
        row,
        item,
        n,
        output,
        input,
        output,
        reason == null,
        reason);
    rows.count(Line.INSTANCES.table(), reason);
    if (reason != null) {
      return;
    }
    boolean flagged = random.nextInt(30) == 0;
    rows.add(
        Line.MODERATE.table(),
        id,
        row,
        item,
        n,
        "rules",
        null,
        flagged,
        flagged ? new String[] {"violence"} : new String[0],
        RowFactory.create(0.0, 0.0, 0.0, 0.0, 0.0, flagged ? 0.9 : 0.0),
        random.nextInt(40) == 0 ? new String[] {"email", "phone"} : new String[0]);
    String example = Ids.example(id, "plain");
    exampleIds.add(example);
    rows.add(
        Line.DATASET.table(),
        example,
        id,
        row,
        item,
        n,
        instruction,
        input,
        output,
        isClassification,
        "machine",
        "small",
        "self-instruct",
        instruction,
        output,
        new Row[] {RowFactory.create("user", instruction)});
  }

  /** The rows of one round, by directory of their table. */
  private final class Round {
    private final int round;
    private final Map<TableDeclaration, List<Row>> rows = new LinkedHashMap<>();
    private final Map<TableDeclaration, Map<String, Long>> counts = new LinkedHashMap<>();
    private final StringBuilder ledger = new StringBuilder();
    private long lines;

    Round(int round) {
      this.round = round;
    }

    void add(TableDeclaration table, @Nullable Object... values) {
      rows.computeIfAbsent(table, name -> new ArrayList<>())
          .add(Rows.row(table.fileColumns(), values));
    }

    void count(TableDeclaration table, @Nullable String reason) {
      counts
          .computeIfAbsent(table, name -> new TreeMap<>())
          .merge(reason == null ? "kept" : reason, 1L, Long::sum);
    }

    void ledger(String key, int attempt, int row, Outcome outcome, @Nullable String text) {
      boolean answered = text != null;
      ledger
          .append(
              LedgerLines.line(
                  new LedgerRecord(
                      key,
                      attempt,
                      "generate",
                      round,
                      row,
                      outcome,
                      answered ? 200 : 503,
                      answered ? "stop" : null,
                      "{\"choices\": []}",
                      text,
                      answered ? new Usage(40, 0, 12, false) : null,
                      "small",
                      answered ? 0.0005 : null,
                      null,
                      BEGIN.plusSeconds(600L * round + lines++ / 3),
                      120,
                      false,
                      answered ? null : "503 from the server")))
          .append('\n');
    }

    void publish() {
      run.replace(
          String.format(
              java.util.Locale.ROOT, "ledger/stage=generate/round=%04d/segment-0.jsonl", round),
          ledger.toString());
      rows.forEach(
          (table, made) -> {
            String directory =
                table.equals(Line.REQUESTS) || table.equals(Line.ANSWERS)
                    ? table.round("generate", round)
                    : table.round(round);
            String path = Commits.partFile(directory, 0);
            ParquetRows.write(run, path, table.fileColumns(), made);
            Manifest.File file =
                new Manifest.File(path, made.size(), run.size(path), run.sha256(path));
            new Commits(run)
                .publish(
                    Commits.part(directory, 0),
                    Map.of(),
                    new Manifest(
                        Manifest.FORMAT,
                        1,
                        "test",
                        1,
                        "",
                        "",
                        List.of(),
                        List.of(file),
                        counts.getOrDefault(table, Map.of()),
                        null));
          });
    }
  }

  private void review() {
    List<Row> verdicts = new ArrayList<>();
    for (String example : exampleIds.subList(0, Math.min(40, exampleIds.size()))) {
      for (String question : List.of("valid_task", "fitting_input", "acceptable_output")) {
        verdicts.add(
            Rows.row(
                Schemas.VERDICTS,
                example,
                "review",
                "first",
                "anna",
                question,
                random.nextInt(6) == 0 ? "no" : "yes",
                null,
                "",
                null,
                null));
      }
    }
    Manifest unused =
        VerdictTable.publish(
            run,
            spark.sparkContext().hadoopConfiguration(),
            "review",
            "first",
            List.of(),
            verdicts.iterator());
  }

  private void training() {
    StructType columns =
        new StructType(
            Arrays.stream(Schemas.TRAINING.fields())
                .filter(field -> !field.name().equals("name"))
                .toArray(StructField[]::new));
    List<Row> steps = new ArrayList<>();
    for (int step = 0; step <= 700; step++) {
      steps.add(
          Rows.row(
              columns,
              step,
              step / 100.0,
              step == 0 ? null : 1 + 2 / Math.sqrt(step),
              step * 1000L,
              0.00002,
              1.0,
              step % 100 == 0 ? 1.2 + 2 / Math.sqrt(step + 1) : null));
    }
    ParquetRows.write(run, "metrics/name=lora/part-00000.parquet", columns, steps);
  }

  /** Instructions over few verbs and nouns and many other words, some of them nearly alike. */
  static List<String> instructions(int count) {
    SeededRandom random = new SeededRandom(11);
    List<String> verbs =
        List.of(
            "Write",
            "Explain",
            "Describe",
            "Create",
            "Find",
            "Give",
            "Summarize",
            "Translate",
            "Classify",
            "List",
            "Compare",
            "Rewrite",
            "Suggest",
            "Identify",
            "Compute",
            "Design");
    List<String> nouns =
        List.of(
            "story",
            "sentence",
            "poem",
            "list",
            "email",
            "recipe",
            "plan",
            "letter",
            "summary",
            "word",
            "question",
            "paragraph",
            "title",
            "product",
            "city",
            "number",
            "method");
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      StringBuilder text = new StringBuilder(pick(verbs, random));
      text.append(random.nextInt(2) == 0 ? " a " : " the ").append(pick(nouns, random));
      text.append(random.nextInt(2) == 0 ? " about the " : " of a ");
      for (int n = 1 + random.nextInt(4) + random.nextInt(8); n > 0; n--) {
        text.append(random.nextInt(4) == 0 ? "the " : "").append(word(random)).append(' ');
      }
      texts.add(text.toString().strip() + ".");
    }
    return texts;
  }

  private static String pick(List<String> words, SeededRandom random) {
    return words.get(Math.min(random.nextInt(words.size()), random.nextInt(words.size())));
  }

  /** Of some ten thousand, small ones more often. */
  private static String word(SeededRandom random) {
    int number =
        Math.min(Math.min(random.nextInt(10_000), random.nextInt(10_000)), random.nextInt(10_000));
    StringBuilder word = new StringBuilder();
    for (int rest = number + 20; rest > 0; rest /= 20) {
      word.append("bcdfghklmnprstvwzjqx".charAt(rest % 20)).append("aeiou".charAt(rest % 5));
    }
    return word.toString();
  }
}
