package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import io.cria.llm.LedgerRecord;
import io.cria.llm.fake.ScriptedServer;
import io.cria.task.SeedTask;
import io.cria.task.SeededRandom;
import io.cria.testing.LocalSpark;
import io.cria.testing.ScriptedKoreanModel;
import io.cria.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The Korean recipes' whole lines against a scripted model in Korean: every verdict is held against
 * a plain statement of the rules, and the bytes against those of other partitions. {@code
 * -Dcria.korean.target=N} sets how many instructions are to be kept (2000 takes minutes).
 */
class KoreanLineTest {
  private static final int TARGET = Integer.getInteger("cria.korean.target", 30);
  private static final int MAX_INSTANCES = 5;
  private static final long SEED = 42;

  @TempDir Path folder;

  private final Set<String> seen = new TreeSet<>();

  private static LineRun line(Path directory, String recipe, ScriptedServer server) {
    return LineRun.of(directory, recipe, server.baseUrl())
        .with("target", String.valueOf(TARGET))
        .with("rounds.size", String.valueOf(Math.max(20, TARGET / 10)));
  }

  @Test
  void theLineAgreesWithThePlainRulesAndWithItselfInSevenPartitions() throws IOException {
    try (ScriptedServer server = ScriptedServer.start(new ScriptedKoreanModel())) {
      LineRun run = line(folder.resolve("one"), "korean", server).with("parallelism", "1");
      assertThat(run.go()).isTrue();
      Map<String, LedgerRecord> answers = answers(run);

      candidatesAgree(run, answers, false);
      classesAgree(run, answers);
      instancesAgree(run, answers);
      assertThat(seen)
          .contains(
              "+",
              "-cut_by_length",
              "-malformed",
              "-too_short",
              "-too_long",
              "-refusal",
              "-little_hangul",
              "-korean_keyword",
              "-korean_program",
              "-punctuation_start",
              "-similar",
              "-empty_output",
              "-conflicting_outputs",
              "-ends_with_colon",
              "-same_as_input",
              "-over_limit");
      assertThat(Objects.requireNonNull(run.status().counts().get("candidates")).get("kept"))
          .isGreaterThanOrEqualTo(TARGET);
      tellsItsLanguage(run);
      VerifyCall.verify(run.directory()).isWhole();
      theEstimateIsThatOfTheRequests(run);

      LineRun other = line(folder.resolve("seven"), "korean", server).with("parallelism", "7");
      String before = LocalSpark.session().conf().get("spark.sql.shuffle.partitions");
      LocalSpark.session().conf().set("spark.sql.shuffle.partitions", "7");
      try {
        assertThat(other.go()).isTrue();
      } finally {
        LocalSpark.session().conf().set("spark.sql.shuffle.partitions", before);
      }
      assertThat(other.dataset()).isEqualTo(run.dataset());
      for (String table : LineRun.TABLES) {
        assertThat(other.rows(table)).as(table).isEqualTo(run.rows(table));
      }
    }
  }

  @Test
  void wholeTasksAgreeToo() throws IOException {
    try (ScriptedServer server = ScriptedServer.start(new ScriptedKoreanModel())) {
      LineRun run = line(folder.resolve("run"), "korean-alpaca", server);
      assertThat(run.go()).isTrue();
      candidatesAgree(run, answers(run), true);
      assertThat(seen)
          .contains(
              "+",
              "-cut_by_length",
              "-malformed",
              "-too_short",
              "-refusal",
              "-korean_keyword",
              "-similar");
      tellsItsLanguage(run);
    }
  }

  /** Prompt tokens of a stage as they were estimated, against those of what was really asked. */
  private static void theEstimateIsThatOfTheRequests(LineRun run) {
    Encoding encoding = Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.O200K_BASE);
    List<DryRun.Line> lines = new DryRun(run.inputs(), LocalDate.EPOCH).lines();
    assertThat(lines)
        .extracting(DryRun.Line::stage)
        .containsExactly("generate", "classify", "instances");
    for (DryRun.Line line : lines) {
      double asked =
          requests(run, line.stage()).stream()
              .mapToInt(request -> tokens(request.path("messages"), encoding))
              .average()
              .orElseThrow();
      assertThat((double) line.promptTokens())
          .as(line.stage())
          .isCloseTo(asked, withinPercentage(10));
    }
  }

  private static int tokens(JsonNode messages, Encoding encoding) {
    int tokens = 0;
    for (JsonNode message : messages) {
      tokens += encoding.countTokensOrdinary(message.path("content").textValue());
    }
    return tokens;
  }

  private static void tellsItsLanguage(LineRun run) {
    assertThat(run.text("dataset/README.md"))
        .contains("language:\n- \"ko\"\n", "## Marks of translation", "`korean-1`")
        .containsPattern("\\| `by_agent` \\| [1-9]");
  }

  /** The answer to each request. */
  private static Map<String, LedgerRecord> answers(LineRun run) {
    Map<String, LedgerRecord> answers = new HashMap<>();
    run.ledger().forEach(record -> answers.put(record.requestKey(), record));
    return answers;
  }

  private static boolean isCut(LedgerRecord answer) {
    return "length".equals(answer.finishReason());
  }

  private static Map<String, List<JsonNode>> by(LineRun run, String table, String column) {
    Map<String, List<JsonNode>> rows = new HashMap<>();
    for (JsonNode row : run.trees(table)) {
      rows.computeIfAbsent(row.path(column).textValue(), k -> new ArrayList<>()).add(row);
    }
    return rows;
  }

  private static List<JsonNode> requests(LineRun run, String stage) {
    return run.trees("requests").stream()
        .filter(request -> request.path("stage").textValue().equals(stage))
        .toList();
  }

  private void candidatesAgree(LineRun run, Map<String, LedgerRecord> answers, boolean whole) {
    Tokenizer tokenizer = Tokenizer.named(run.inputs().config().similarity().tokenizer());
    PlainPool pool = new PlainPool(tokenizer::tokens);
    for (SeedTask seed : run.inputs().seeds()) {
      pool.accept(seed.id(), seed.instruction());
    }
    Map<String, List<JsonNode>> rows = by(run, "candidates", "request_key");
    for (JsonNode request : requests(run, "generate")) {
      String key = request.path("request_key").textValue();
      LedgerRecord answer = Objects.requireNonNull(answers.get(key));
      String text = echoless(String.valueOf(answer.text()), whole ? 4 : 9);
      List<String> lines =
          whole
              ? PlainKoreanRules.blocks(text, isCut(answer), 4)
              : PlainKoreanRules.instructions(text, isCut(answer), 9);
      List<JsonNode> found = rows.getOrDefault(key, List.of());
      assertThat(found).as("%s", text).hasSameSizeAs(lines);
      for (int i = 0; i < lines.size(); i++) {
        agrees(pool, lines.get(i), found.get(i), text);
      }
    }
  }

  /** In the chat dialect an echo of the open number is taken off before anything is read. */
  private static String echoless(String text, int open) {
    String echo = open + ".";
    String bare = text.stripLeading();
    return bare.startsWith(echo) && !Character.isDigit(bare.charAt(echo.length()))
        ? bare.substring(echo.length())
        : text;
  }

  private void agrees(PlainPool pool, String line, JsonNode row, String answer) {
    String reason = row.path("reason").textValue();
    if (line.startsWith("-")) {
      seen.add(line);
      assertThat("-" + reason).as("%s", answer).isEqualTo(line);
      return;
    }
    String text = row.path("instruction").textValue();
    String all =
        row.has("output")
            ? text + "|" + row.path("input").textValue() + "|" + row.path("output").textValue()
            : text;
    assertThat("+" + all).as("%s", answer).isEqualTo(line);
    PlainPool.Near near = pool.near(text);
    seen.add(near == null ? "+" : "-similar");
    assertThat(reason).as("%s", text).isEqualTo(near == null ? null : "similar");
    if (near == null) {
      pool.accept(row.path("candidate_id").textValue(), text);
    } else {
      assertThat(row.path("neighbour_id").textValue()).as("%s", text).isEqualTo(near.id());
      assertThat(row.path("neighbour_score").doubleValue()).isEqualTo(near.score());
    }
  }

  private static void classesAgree(LineRun run, Map<String, LedgerRecord> answers) {
    Map<String, List<JsonNode>> rows = by(run, "classified", "candidate_id");
    Set<Boolean> classes = new TreeSet<>();
    for (JsonNode request : requests(run, "classify")) {
      LedgerRecord answer =
          Objects.requireNonNull(answers.get(request.path("request_key").textValue()));
      List<JsonNode> found =
          Objects.requireNonNull(rows.get(request.path("subject_id").textValue()));
      assertThat(found).hasSize(1);
      if (answer.text() != null && !answer.text().isBlank()) {
        boolean is = found.get(0).path("is_classification").booleanValue();
        assertThat(is)
            .as("%s", answer.text())
            .isEqualTo(PlainKoreanRules.isClassification(answer.text()));
        classes.add(is);
      }
    }
    assertThat(classes).containsExactly(false, true);
  }

  private void instancesAgree(LineRun run, Map<String, LedgerRecord> answers) {
    Map<String, List<JsonNode>> rows = by(run, "instances", "candidate_id");
    Map<String, List<JsonNode>> candidates = by(run, "candidates", "candidate_id");
    for (JsonNode request : requests(run, "instances")) {
      LedgerRecord answer =
          Objects.requireNonNull(answers.get(request.path("request_key").textValue()));
      if (answer.text() == null || answer.text().isBlank()) {
        continue;
      }
      String id = request.path("subject_id").textValue();
      String instruction =
          Objects.requireNonNull(candidates.get(id)).get(0).path("instruction").textValue();
      List<String> lines =
          new ArrayList<>(
              PlainKoreanRules.instances(
                  instruction,
                  answer.text(),
                  isCut(answer),
                  request.path("subject_is_classification").booleanValue()));
      limit(lines, request);
      lines.forEach(line -> seen.add(line.startsWith("+") ? "+" : line));
      assertThat(
              rows.getOrDefault(id, List.of()).stream().map(KoreanLineTest::instanceLine).toList())
          .as("%s", answer.text())
          .isEqualTo(lines);
    }
  }

  private static String instanceLine(JsonNode row) {
    return row.path("kept").booleanValue()
        ? "+" + row.path("input").textValue() + "|" + row.path("output").textValue()
        : "-" + row.path("reason").textValue();
  }

  /** At most so many of an instruction stay: a sample by its own stream. */
  private static void limit(List<String> lines, JsonNode request) {
    List<Integer> kept = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).startsWith("+")) {
        kept.add(i);
      }
    }
    if (kept.size() > MAX_INSTANCES) {
      List<Integer> stays = new ArrayList<>();
      for (int stay :
          SeededRandom.of(
                  SEED,
                  "instances:choice:" + request.path("subject_item").intValue(),
                  request.path("round").intValue(),
                  request.path("subject_row").intValue())
              .sample(kept.size(), MAX_INSTANCES)) {
        stays.add(kept.get(stay));
      }
      kept.stream().filter(i -> !stays.contains(i)).forEach(i -> lines.set(i, "-over_limit"));
    }
  }
}
