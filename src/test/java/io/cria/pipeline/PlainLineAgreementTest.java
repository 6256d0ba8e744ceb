package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.cria.llm.LedgerLines;
import io.cria.llm.LedgerRecord;
import io.cria.llm.Outcome;
import io.cria.llm.Usage;
import io.cria.parse.PlainRules;
import io.cria.parse.RawAnswers;
import io.cria.task.CriaException;
import io.cria.task.SeedTask;
import io.cria.task.SeededRandom;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The stages against a plain statement of the rules: generated answers are put into the ledger as
 * if they had been bought, the stages read them, and every verdict is compared with that of one
 * slow loop. {@code -Dcria.lines=N} sets how many answers a generating round has.
 */
class PlainLineAgreementTest {
  private static final int ROUND = Integer.getInteger("cria.lines", 2_000);
  private static final long SEED = 42;
  private static final int MAX_INSTANCES = 5;

  @TempDir Path folder;

  private final RawAnswers answers = new RawAnswers(314159);
  private final SeededRandom random = new SeededRandom(2718);
  private final Map<String, LedgerRecord> given = new HashMap<>();
  private final Set<String> reasonsSeen = new HashSet<>();
  private int ties;

  private LineRun unsent(String recipe) {
    return LineRun.of(folder.resolve(recipe), recipe, "http://127.0.0.1:9/v1")
        .with("endpoint.dialect", "completions")
        .with("rounds.policy", "fixed")
        .with("rounds.size", String.valueOf(ROUND))
        .with("rounds.max", "2")
        .with("rounds.seed", String.valueOf(SEED))
        .with("target", "1000000")
        .with("endpoint.baseUrl", "null");
  }

  @Test
  void selfInstructAgrees() throws IOException {
    LineRun run = unsent("self-instruct");
    generateTwoRounds(run, this::list);
    candidatesAgree(run, (text, cut) -> PlainRules.instructions(text, cut));
    assertThat(ties).as("scores within a rounding error of the threshold").isGreaterThan(100);

    planOnly(run, "classify");
    answerAll(run, "classify", 0, request -> word());
    planOnly(run, "classify");
    answerAll(run, "classify", 1, request -> word());
    assertThat(run.runner().runStage(run.inputs(), "classify")).isTrue();
    classesAgree(run);

    planOnly(run, "instances");
    for (int round = 0; round < 2; round++) {
      answerAll(
          run,
          "instances",
          round,
          request -> answers.instances(request.path("subject_is_classification").booleanValue()));
    }
    assertThat(run.runner().runStage(run.inputs(), "instances")).isTrue();
    instancesAgree(run);
    assertThat(reasonsSeen)
        .contains(
            "+",
            "-cut_by_length",
            "-too_short",
            "-too_long",
            "-keyword",
            "-write_a_program",
            "-punctuation_start",
            "-non_ascii_start",
            "-similar",
            "-malformed",
            "-same_as_input",
            "-empty_output",
            "-ends_with_colon",
            "-conflicting_outputs",
            "-duplicate");
    assertThat(given).as("answers given").hasSizeGreaterThan(3 * ROUND);
  }

  @Test
  void alpacaAgrees() throws IOException {
    LineRun run = unsent("alpaca");
    generateTwoRounds(run, request -> answers.blocks(3));
    candidatesAgree(run, (text, cut) -> PlainRules.alpaca(text, cut, 3));
    assertThat(reasonsSeen).contains("+", "-malformed", "-cut_by_length", "-similar", "-keyword");
  }

  private void generateTwoRounds(LineRun run, Answering answering) throws IOException {
    for (int round = 0; round < 2; round++) {
      planOnly(run, "generate");
      answerAll(run, "generate", round, answering);
    }
    assertThat(run.runner().runStage(run.inputs(), "generate")).isTrue();
  }

  /** Without an address the stage plans, and sends nothing. */
  private static void planOnly(LineRun run, String stage) {
    assertThatThrownBy(() -> run.runner().runStage(run.inputs(), stage))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining("endpoint.baseUrl is missing");
  }

  /** What is answered to a planned request. */
  private interface Answering {
    String answer(JsonNode request);
  }

  private void answerAll(LineRun run, String stage, int round, Answering answering)
      throws IOException {
    StringBuilder segment = new StringBuilder();
    for (JsonNode request : run.trees("requests", "prompt")) {
      if (request.path("stage").textValue().equals(stage)
          && request.path("round").intValue() == round) {
        LedgerRecord record = record(request, answering.answer(request));
        given.put(record.requestKey(), record);
        segment.append(LedgerLines.line(record)).append('\n');
      }
    }
    Path file =
        run.directory()
            .resolve(
                String.format("ledger/stage=%s/round=%04d/segment-given-0001.jsonl", stage, round));
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    Files.writeString(file, segment);
  }

  private LedgerRecord record(JsonNode request, String raw) {
    String text = new String(raw.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    boolean cut = random.nextInt(12) == 0;
    boolean refused = random.nextInt(50) == 0;
    return new LedgerRecord(
        request.path("request_key").textValue(),
        1 + random.nextInt(3),
        request.path("stage").textValue(),
        request.path("round").intValue(),
        request.path("row").intValue(),
        refused ? Outcome.REJECT_ROW : cut ? Outcome.TERMINAL_PAID : Outcome.OK,
        refused ? 400 : 200,
        refused ? null : cut ? "length" : "stop",
        "{}",
        refused ? null : text,
        new Usage(1, 0, 1, false),
        "m",
        null,
        null,
        Instant.EPOCH,
        0,
        false,
        null);
  }

  /** A raw answer; every third one goes on with two tasks of exactly 0.7. */
  private String list(JsonNode request) {
    String text = answers.list();
    return random.nextInt(3) == 0 ? text + tie(request.path("row").intValue()) : text;
  }

  /** Two tasks of m and 20 - m words, seven of them common and in order: 2 · 7 / 20. */
  private String tie(int row) {
    int m = 7 + random.nextInt(7);
    List<String> one = new ArrayList<>();
    List<String> other = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      one.add("c" + row + "x" + i);
      other.add("c" + row + "x" + i);
    }
    while (one.size() < m) {
      one.add(random.nextInt(one.size() + 1), "a" + row + "x" + one.size());
    }
    while (other.size() < 20 - m) {
      other.add(random.nextInt(other.size() + 1), "b" + row + "x" + other.size());
    }
    return "\n20. " + String.join(" ", one) + "\n21. " + String.join(" ", other);
  }

  private String word() {
    List<String> words =
        List.of("Yes", " yes\n", "YES", "yEs", "No", " no", "", "Yes.", "Yes, it is", "yes");
    return words.get(random.nextInt(words.size()));
  }

  /** Rules of parsing and of the heuristics: a line {@code +text} or {@code -reason} each. */
  private interface Rules {
    List<String> lines(String text, boolean cut);
  }

  private static Map<String, List<JsonNode>> byKey(LineRun run, String table, String column) {
    Map<String, List<JsonNode>> byKey = new LinkedHashMap<>();
    for (JsonNode row : run.trees(table)) {
      byKey.computeIfAbsent(row.path(column).textValue(), k -> new ArrayList<>()).add(row);
    }
    return byKey;
  }

  private void candidatesAgree(LineRun run, Rules rules) {
    Map<String, List<JsonNode>> rows = byKey(run, "candidates", "request_key");
    PlainPool pool = new PlainPool();
    for (SeedTask seed : run.inputs().seeds()) {
      pool.accept(seed.id(), seed.instruction());
    }
    int seeds = pool.size();
    for (JsonNode request : run.trees("requests", "prompt")) {
      String key = request.path("request_key").textValue();
      LedgerRecord answer = Objects.requireNonNull(given.get(key));
      List<String> lines =
          answer.text() == null
              ? List.of("-reject-row")
              : rules.lines(answer.text(), "length".equals(answer.finishReason()));
      List<JsonNode> found = rows.getOrDefault(key, List.of());
      assertThat(found).as("%s", answer.text()).hasSameSizeAs(lines);
      for (int i = 0; i < lines.size(); i++) {
        candidateAgrees(pool, lines.get(i), found.get(i), answer);
      }
    }
    assertThat(pool.size()).isGreaterThan(seeds + 15);
  }

  private void candidateAgrees(PlainPool pool, String line, JsonNode row, LedgerRecord answer) {
    assertThat(row.path("answer_id").textValue()).isEqualTo(answer.answerId());
    String reason = row.path("reason").textValue();
    if (line.startsWith("-")) {
      see(line);
      assertThat("-" + reason).as("%s", answer.text()).isEqualTo(line);
      return;
    }
    String text = row.path("instruction").textValue();
    String whole =
        row.has("output")
            ? text + "|" + row.path("input").textValue() + "|" + row.path("output").textValue()
            : text;
    assertThat("+" + whole).isEqualTo(line);
    PlainPool.Near near = pool.near(text);
    if (near == null) {
      see("+");
      assertThat(reason).as("%s", text).isNull();
      pool.accept(row.path("candidate_id").textValue(), text);
    } else {
      see("-similar");
      ties += near.score() < 0.7000001 ? 1 : 0;
      assertThat(reason).as("%s", text).isEqualTo("similar");
      assertThat(row.path("neighbour_id").textValue()).as("%s", text).isEqualTo(near.id());
      assertThat(row.path("neighbour_score").doubleValue()).isEqualTo(near.score());
    }
  }

  private void see(String line) {
    reasonsSeen.add(line);
  }

  private void classesAgree(LineRun run) {
    Map<String, List<JsonNode>> rows = byKey(run, "classified", "candidate_id");
    int seen = 0;
    for (JsonNode request : run.trees("requests", "prompt")) {
      if (request.path("stage").textValue().equals("classify")) {
        LedgerRecord answer =
            Objects.requireNonNull(given.get(request.path("request_key").textValue()));
        String text = answer.text() == null ? "" : answer.text().strip();
        boolean yes = text.equals("yes") || text.equals("Yes") || text.equals("YES");
        List<JsonNode> found =
            Objects.requireNonNull(rows.get(request.path("subject_id").textValue()));
        assertThat(found).hasSize(1);
        assertThat(found.get(0).path("is_classification").booleanValue()).isEqualTo(yes);
        seen++;
      }
    }
    assertThat(seen).isEqualTo(rows.size()).isGreaterThan(100);
  }

  private void instancesAgree(LineRun run) {
    Map<String, List<JsonNode>> rows = byKey(run, "instances", "candidate_id");
    for (JsonNode request : run.trees("requests", "prompt")) {
      if (request.path("stage").textValue().equals("instances")) {
        LedgerRecord answer =
            Objects.requireNonNull(given.get(request.path("request_key").textValue()));
        List<String> found =
            rows.getOrDefault(request.path("subject_id").textValue(), List.of()).stream()
                .map(PlainLineAgreementTest::instanceLine)
                .toList();
        List<String> lines = expectedInstances(request, answer);
        lines.forEach(line -> see(line.startsWith("+") ? "+" : line));
        assertThat(found).as("%s", answer.text()).isEqualTo(lines);
      }
    }
  }

  private static String instanceLine(JsonNode row) {
    return row.path("kept").booleanValue()
        ? "+" + row.path("input").textValue() + "|" + row.path("output").textValue()
        : "-" + row.path("reason").textValue();
  }

  private static List<String> expectedInstances(JsonNode request, LedgerRecord answer) {
    String text = answer.text();
    if (text == null) {
      return List.of("-reject-row");
    }
    List<String> lines =
        new ArrayList<>(
            PlainRules.instances(
                text,
                "length".equals(answer.finishReason()),
                request.path("subject_is_classification").booleanValue()));
    List<Integer> kept = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).startsWith("+")) {
        kept.add(i);
      }
    }
    if (kept.size() > MAX_INSTANCES) {
      int item = request.path("subject_item").intValue();
      int[] stays =
          SeededRandom.of(
                  SEED,
                  "instances:choice:" + item,
                  request.path("round").intValue(),
                  request.path("subject_row").intValue())
              .sample(kept.size(), MAX_INSTANCES);
      Map<Integer, Boolean> staying = new TreeMap<>();
      for (int stay : stays) {
        staying.put(kept.get(stay), true);
      }
      for (int i : kept) {
        if (!staying.containsKey(i)) {
          lines.set(i, "-over_limit");
        }
      }
    }
    return lines;
  }
}
