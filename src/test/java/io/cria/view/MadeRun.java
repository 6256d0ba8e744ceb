package io.cria.view;

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
import io.cria.testing.HandMadeRun;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.jspecify.annotations.Nullable;

/**
 * A run of made-up texts, of any size, with all that a page can show: four candidates an answer,
 * rejected ones of every reason with their neighbours, instances, examples, requests and a ledger;
 * every tenth text is Korean. Three examples are wrong in a way that a reader sees.
 */
public final class MadeRun {
  private static final int ITEMS = 4;
  private static final int REQUESTS_A_ROUND = 8192;
  private static final int PART = 4096;
  private static final List<String> REASONS =
      List.of("too_short", "similar", "keyword", "malformed", "punctuation_start");
  private static final Map<Integer, String> PLANTED =
      Map.of(
          20, "As an AI language model, I cannot do this.",
          55, "asdf asdf asdf asdf",
          90, "TODO: write the answer");
  private static final List<String> KOREAN =
      List.of("봄에 피는 꽃", "짧은 편지", "아침 인사", "서울의 거리", "좋은 책", "맑은 하늘", "작은 배", "오래된 시계");

  private final RunDirectory run;
  private final int requests;
  private final Random random = new Random(11);
  private final List<String> words = new ArrayList<>();
  private String lastKept = "seed_0";
  private String lastText = "Name a colour.";
  private long offset;

  /** What is collected of a round before it is written. */
  private static final class Round {
    private final List<Row> requests = new ArrayList<>();
    private final List<Row> answers = new ArrayList<>();
    private final List<Row> candidates = new ArrayList<>();
    private final List<Row> instances = new ArrayList<>();
    private final List<Row> examples = new ArrayList<>();
  }

  private MadeRun(RunDirectory run, int candidates) {
    this.run = run;
    this.requests = (candidates + ITEMS - 1) / ITEMS;
    for (int i = 0; i < 3000; i++) {
      StringBuilder word = new StringBuilder();
      for (int syllable = 1 + random.nextInt(3); syllable > 0; syllable--) {
        word.append("bdfklmnprst".charAt(random.nextInt(11)));
        word.append("aeiou".charAt(random.nextInt(5)));
      }
      words.add(word.toString());
    }
  }

  /**
   * @param args the directory, and how many candidates
   */
  public static void main(String... args) {
    RunDirectory unused = write(args[0], Integer.parseInt(args[1]));
  }

  /** Writes it into a directory. */
  public static RunDirectory write(String directory, int candidates) {
    RunDirectory run = RunDirectory.at(directory, new Configuration());
    run.replace(
        "run.json",
        Json.write(
            new RunRecord(
                2,
                "d".repeat(64),
                Map.of(
                    "recipe",
                    "self-instruct",
                    "model",
                    "small",
                    "similarity",
                    Map.of("threshold", 0.7, "tokenizer", "unicode-1")),
                Map.of("cria", "0.8.0"),
                "0123abc")));
    run.replace(
        "inputs/seeds.jsonl",
        HandMadeRun.seed(0, "Name a colour.") + HandMadeRun.seed(1, "계절 하나를 말해 줘."));
    new MadeRun(run, candidates).writeAll();
    return run;
  }

  private void writeAll() {
    for (int round = 0; round * REQUESTS_A_ROUND < requests; round++) {
      Round made = new Round();
      int in = Math.min(REQUESTS_A_ROUND, requests - round * REQUESTS_A_ROUND);
      String segment =
          String.format(Locale.ROOT, "ledger/stage=generate/round=%04d/segment-0.jsonl", round);
      offset = 0;
      try (OutputStream ledger = run.create(segment)) {
        for (int row = 0; row < in; row++) {
          request(made, ledger, segment, round, row);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      publish(made, round);
    }
  }

  private void request(Round made, OutputStream ledger, String segment, int round, int row)
      throws IOException {
    String key = Ids.sha256(round + " " + row);
    List<String> texts = new ArrayList<>();
    List<@Nullable String> reasons = new ArrayList<>();
    for (int item = 0; item < ITEMS; item++) {
      boolean rejected = random.nextInt(10) < 3 && planted(round, row, item) == null;
      String reason = rejected ? REASONS.get(random.nextInt(REASONS.size())) : null;
      reasons.add(reason);
      texts.add("similar".equals(reason) ? lastText.replaceFirst("\\S+$", "again.") : sentence(6));
    }
    StringBuilder raw = new StringBuilder();
    for (int item = 0; item < ITEMS; item++) {
      raw.append(item + 9).append(". ").append(texts.get(item)).append('\n');
    }
    made.requests.add(
        Rows.row(
            Line.REQUESTS.fileColumns(),
            key,
            row,
            0,
            key,
            "small",
            "Come up with a series of tasks:\n\n1. Name a colour.\n2. 계절 하나를 말해 줘.\n3.",
            null,
            new String[] {"seed_0", lastKept},
            3,
            "{\"max_tokens\":1024}",
            null,
            -1,
            -1,
            null,
            null));
    byte[] line = ledgerLine(key, round, row, raw.toString());
    ledger.write(line);
    made.answers.add(
        Rows.row(
            Line.ANSWERS.fileColumns(),
            key,
            Ids.answer(key, 1),
            row,
            1,
            "ok",
            "stop",
            312L,
            0L,
            96L,
            0.000189,
            "small",
            segment,
            offset,
            line.length - 1,
            null));
    offset += line.length;
    for (int item = 0; item < ITEMS; item++) {
      candidate(made, key, round, row, item, texts.get(item), reasons.get(item));
    }
  }

  /** In the first round, three outputs that nobody would take for an answer. */
  private static @Nullable String planted(int round, int row, int item) {
    return round == 0 && item == 0 ? PLANTED.get(row) : null;
  }

  private static byte[] ledgerLine(String key, int round, int row, String text) {
    LedgerRecord record =
        new LedgerRecord(
            key,
            1,
            "generate",
            round,
            row,
            Outcome.OK,
            200,
            "stop",
            "{}",
            text,
            new Usage(312, 0, 96, false),
            "small",
            0.000189,
            null,
            Instant.parse("2026-01-01T00:00:00Z"),
            1840,
            false,
            null);
    return (LedgerLines.line(record) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private void candidate(
      Round made, String key, int round, int row, int item, String text, @Nullable String reason) {
    String id = Ids.candidate(key, item);
    boolean similar = "similar".equals(reason);
    made.candidates.add(
        Rows.row(
            Line.GENERATE.table().columns(),
            id,
            key,
            Ids.answer(key, 1),
            round,
            row,
            item,
            text,
            "malformed".equals(reason) ? "" : text,
            null,
            null,
            reason == null,
            reason,
            similar ? lastKept : null,
            similar ? 0.857 : null));
    if (reason != null) {
      return;
    }
    lastKept = id;
    lastText = text;
    String instance = Ids.instance(id, 0);
    String input = random.nextBoolean() ? "" : sentence(8);
    String output =
        Objects.requireNonNullElse(planted(round, row, item), sentence(20 + random.nextInt(40)));
    made.instances.add(
        Rows.row(
            Line.INSTANCES.table().columns(),
            instance,
            id,
            Ids.answer(Ids.sha256("i" + key), 1),
            round,
            row,
            item,
            0,
            output,
            input,
            output,
            true,
            null));
    made.examples.add(
        Rows.row(
            Line.DATASET.table().columns(),
            Ids.example(instance, "plain"),
            instance,
            round,
            row,
            item,
            0,
            text,
            input,
            output,
            random.nextInt(4) == 0,
            "machine",
            "small",
            "self-instruct",
            text,
            output,
            new Row[] {RowFactory.create("user", text), RowFactory.create("assistant", output)}));
  }

  private String sentence(int length) {
    if (random.nextInt(10) == 0) {
      return KOREAN.get(random.nextInt(KOREAN.size()))
          + "에 대해 "
          + KOREAN.get(random.nextInt(KOREAN.size()))
          + "처럼 "
          + (2 + random.nextInt(9))
          + "문장으로 써 줘.";
    }
    StringBuilder text = new StringBuilder("Describe");
    for (int i = 0; i < length; i++) {
      text.append(' ').append(words.get(random.nextInt(words.size())));
    }
    return text.append('.').toString();
  }

  private void publish(Round made, int round) {
    String planned = Line.REQUESTS.round("generate", round);
    new Commits(run)
        .publish(
            planned, Map.of(), manifest(List.of(file(Line.REQUESTS, planned, 0, made.requests))));
    parts(Line.ANSWERS, Line.ANSWERS.round("generate", round), made.answers);
    parts(Line.GENERATE.table(), Line.GENERATE.table().round(round), made.candidates);
    parts(Line.INSTANCES.table(), Line.INSTANCES.table().round(round), made.instances);
    parts(Line.DATASET.table(), Line.DATASET.table().round(round), made.examples);
  }

  private void parts(TableDeclaration table, String directory, List<Row> rows) {
    for (int part = 0; part * PART < rows.size(); part++) {
      List<Row> own = rows.subList(part * PART, Math.min(rows.size(), (part + 1) * PART));
      new Commits(run)
          .publish(
              Commits.part(directory, part),
              Map.of(),
              manifest(List.of(file(table, directory, part, own))));
    }
  }

  private Manifest.File file(TableDeclaration table, String directory, int part, List<Row> rows) {
    String path = Commits.partFile(directory, part);
    ParquetRows.write(run, path, table.fileColumns(), rows);
    return new Manifest.File(path, rows.size(), run.size(path), run.sha256(path));
  }

  private static Manifest manifest(List<Manifest.File> files) {
    return new Manifest(Manifest.FORMAT, 1, "test", 1, "", "", List.of(), files, Map.of(), null);
  }
}
