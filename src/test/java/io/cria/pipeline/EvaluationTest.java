package io.cria.pipeline;

import static io.cria.pipeline.EvaluationRun.TASKS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.cria.llm.fake.Reply;
import io.cria.llm.fake.ScriptedServer;
import io.cria.llm.fake.ScriptedServer.Call;
import io.cria.run.VerdictTable;
import io.cria.stage.BesideStage;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.testing.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Evaluations over HTTP from the run file to the report. */
class EvaluationTest {
  /** Done once; who changes something does so to a copy. */
  private static EvaluationRun finished;

  @TempDir static Path shared;
  @TempDir Path folder;

  @BeforeAll
  static void evaluate() throws IOException {
    finished = EvaluationRun.in(shared.resolve("finished"));
    assertThat(finished.go()).isTrue();
  }

  @AfterAll
  static void stop() throws IOException {
    finished.close();
  }

  private static void failsWith(EvaluationRun run, ExitCode code, String... words) {
    assertThatThrownBy(run::go)
        .isInstanceOfSatisfying(CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(code))
        .hasMessageContainingAll(words);
  }

  @Test
  void aJudgeThatPrefersByARuleGivesTheFiguresOfThatRule() throws IOException {
    JsonNode result = finished.pairs();

    assertThat(result.path("rater").asText()).isEqualTo("model:kent");
    assertThat(result.path("first").asText()).isEqualTo("strong");
    assertThat(result.path("wins").asInt()).isEqualTo(45);
    assertThat(result.path("losses").asInt()).isEqualTo(15);
    assertThat(result.path("ties").asInt() + result.path("no_verdict").asInt()).isZero();
    assertThat(result.path("win_rate").asDouble()).isEqualTo(0.75);
    // scipy.stats.binomtest(15, 60).pvalue
    assertThat(result.path("p").asDouble()).isCloseTo(0.000135, within(1e-6));
    assertThat(result.path("winner").asText()).isEqualTo("strong");
    assertThat(result.path("position").path("agreed").asInt()).isEqualTo(TASKS);
    assertThat(result.path("position").path("left_share").asDouble()).isEqualTo(0.5);
    assertThat(result.path("longer").path("won").asInt()).isEqualTo(45);
    // every answer is as much longer: length tells nothing here
    assertThat(result.path("length_controlled").path("win_rate").asDouble())
        .isCloseTo(0.75, within(1e-6));
  }

  @Test
  void theReportNamesTheWinnerAndScoresReferences() throws IOException {
    assertThat(finished.report().path("scores").path("references").path("means"))
        .extracting(mean -> mean.path("answerer").asText() + mean.path("score").path("items"))
        .containsExactly("strong60", "plain60");
    assertThat(finished.text("report.txt"))
        .contains("strong is better than plain: win rate 75.0 %")
        .contains("model:kent: strong, plain");
  }

  @Test
  void verdictsStandInTheTableWithWhatWasSaidAndWhoWon() {
    List<Row> rows = VerdictTable.read(LocalSpark.session(), finished.run()).collectAsList();
    Map<String, Long> counts =
        rows.stream()
            .collect(
                Collectors.groupingBy(
                    row -> row.getAs("kind") + " " + row.getAs("question"), Collectors.counting()));

    assertThat(counts)
        .containsOnly(
            Map.entry("pair better", 60L),
            Map.entry("pair better_exchanged", 60L),
            Map.entry("pair winner", 60L));
    assertThat(rows)
        .filteredOn(row -> row.getAs("question").equals("winner"))
        .filteredOn(row -> row.getAs("verdict").equals("strong"))
        .hasSize(45)
        .allSatisfy(row -> assertThat(row.<Double>getAs("score")).isEqualTo(1.0));
    assertThat(rows)
        .filteredOn(row -> row.getAs("question").equals("better"))
        .allSatisfy(row -> assertThat(row.<String>getAs("answer_id")).endsWith(".1"))
        .allSatisfy(row -> assertThat(row.<String>getAs("reason")).isEqualTo("It shines."));
  }

  @Test
  void nothingThatJudgesSeeTellsWhoAnswered() {
    String shown = finished.text("pairs/pairs.jsonl");

    assertThat(shown.lines()).hasSize(TASKS);
    assertThat(shown).doesNotContain(finished.telling());
    assertThat(finished.judged()).hasSize(2 * TASKS);
    for (Call call : finished.judged()) {
      assertThat(call.text()).doesNotContain(finished.telling());
      assertThat(call.headers().toString()).doesNotContain(finished.telling());
    }
    assertThat(finished.text("pairs-key/key.jsonl").lines())
        .hasSize(TASKS)
        .allSatisfy(line -> assertThat(line).contains("strong").contains("plain"));
  }

  @Test
  void eachStandsOnTheLeftInHalfOfThePairs() {
    assertThat(finished.text("pairs-key/key.jsonl").lines())
        .filteredOn(line -> line.contains("\"left\":\"strong\""))
        .hasSize(TASKS / 2);
  }

  @Test
  void aJudgeThatAlwaysChoosesLeftGivesTiesAndIsFoundOut() throws IOException {
    try (EvaluationRun run = finished.copiedTo(folder)) {
      run.judgedBy("lear", call -> "This one.\nBetter: left").go();

      JsonNode result = run.pairs();
      assertThat(result.path("ties").asInt()).isEqualTo(TASKS);
      assertThat(result.path("winner").isNull()).isTrue();
      assertThat(result.path("position").path("agreed").asInt()).isZero();
      assertThat(result.path("position").path("always_left").asInt()).isEqualTo(TASKS);
      assertThat(result.path("position").path("left_share").asDouble()).isEqualTo(1.0);
      assertThat(result.path("position").path("p").asDouble()).isLessThan(1e-9);
      assertThat(result.path("sentence").asText())
          .startsWith("no difference seen at this size (60 tasks")
          .endsWith("none was observed");
    }
  }

  @Test
  void aJudgeThatPrefersTheLongerAnswerIsFoundOut() throws IOException {
    try (EvaluationRun run = finished.copiedTo(folder)) {
      run.judgedBy("lear", EvaluationRun::byLength).go();

      JsonNode result = run.pairs();
      assertThat(result.path("wins").asInt()).isEqualTo(TASKS);
      assertThat(result.path("longer").path("won").asInt()).isEqualTo(TASKS);
      assertThat(result.path("longer").path("share").asDouble()).isEqualTo(1.0);
      // all are won: the odds at equal length have no bound
      assertThat(result.path("length_controlled").isNull()).isTrue();
    }
  }

  @Test
  void aSmallDifferenceIsNoneWithTheSizeThatWouldShowIt() throws IOException {
    try (EvaluationRun run = finished.copiedTo(folder)) {
      // of those below 12 the strong one has gold in nine
      run.judgedBy(
              "lear",
              call ->
                  EvaluationRun.number(call) < 12
                      ? EvaluationRun.byGold(call)
                      : "Alike.\nBetter: neither")
          .go();

      JsonNode result = run.pairs();
      assertThat(result.path("wins").asInt()).isEqualTo(9);
      assertThat(result.path("ties").asInt()).isEqualTo(48);
      assertThat(result.path("losses").asInt()).isEqualTo(3);
      assertThat(result.path("winner").isNull()).isTrue();
      assertThat(result.path("sentence").asText())
          .startsWith("no difference seen at this size (60 tasks")
          .endsWith("tasks would show the one observed");
    }
  }

  @Test
  void nothingIsAskedAgainOnceItIsDone() throws IOException {
    try (EvaluationRun run = finished.copiedTo(folder)) {
      assertThat(run.go()).isFalse();

      assertThat(run.asked()).isZero();
      assertThat(run.judged()).isEmpty();
      assertThat(run.report()).isEqualTo(finished.report());
    }
  }

  @Test
  void anotherModeFindsTheAnswersMade() throws IOException {
    try (EvaluationRun run = finished.copiedTo(folder)) {
      run.judgedBy(
              "lear", call -> "Fine.\nLevel: " + (EvaluationRun.isGold(call, "answer") ? "A" : "C"))
          .with("mode", "levels");

      assertThat(run.go()).isTrue();

      assertThat(run.asked()).isZero();
      JsonNode levels = run.report().path("levels");
      assertThat(levels.path("counts"))
          .extracting(count -> count.path("answerer").asText() + count.path("levels"))
          .containsExactly(
              "strong{\"A\":45,\"B\":0,\"C\":15,\"D\":0}",
              "plain{\"A\":15,\"B\":0,\"C\":45,\"D\":0}");
      assertThat(levels.path("comparisons").path(0).path("winner").asText()).isEqualTo("strong");
      assertThat(run.text("report.txt")).contains("model:lear: strong");
      assertThat(run.text("levels/answers.jsonl")).doesNotContain(finished.telling());
      assertThat(run.judged())
          .allSatisfy(call -> assertThat(call.text()).doesNotContain(finished.telling()));
    }
  }

  @Test
  void aCutEvaluationGoesOnWithoutBuyingAgain() throws IOException {
    try (EvaluationRun run = EvaluationRun.in(folder)) {
      failsWith(run.with("caps.requests", "150"), ExitCode.CAP_REACHED, "requests");
      assertThat(run.asked()).isEqualTo(2 * TASKS);
      assertThat(run.directory().resolve("report.json")).doesNotExist();

      assertThat(run.asWritten().go()).isTrue();

      assertThat(run.asked()).isEqualTo(2 * TASKS);
      assertThat(run.judged()).hasSize(2 * TASKS);
      assertThat(run.report()).isEqualTo(finished.report());
    }
  }

  /** US dollars a token that is generated, by the models' names. */
  private String prices(int strong, int judge) throws IOException {
    String entry = "  - {model: %s, from: 2025-01-01, input: 0, output: %d}%n";
    String text =
        "prices:\n"
            + String.format(entry, "cordelia-7b", strong * 1_000_000)
            + String.format(entry, "oswald-1b", 0)
            + String.format(entry, "kent", judge * 1_000_000);
    return Files.writeString(folder.resolve("prices-" + strong + "-" + judge + ".yaml"), text)
        .getFileName()
        .toString();
  }

  @Test
  void whatWasAnsweredWithoutAPriceCountsAtTheAnswerersOwn() throws IOException {
    try (EvaluationRun run = EvaluationRun.in(folder)) {
      failsWith(run.with("caps.requests", "120"), ExitCode.CAP_REACHED, "120 requests");
      assertThat(run.asked()).isEqualTo(2 * TASKS);
      run.asWritten().with("judge.decoding.maxTokens", "16");

      // the strong one's 180 tokens are dear: nothing is left for a judge that costs nothing
      failsWith(
          run.with("prices", prices(1, 0)).with("caps.usd", "150"),
          ExitCode.CAP_REACHED,
          "caps.usd");
      assertThat(run.judged()).isEmpty();

      // answers that cost nothing leave the whole cap to a dear judge
      failsWith(
          run.with("prices", prices(0, 1)).with("caps.usd", "100"),
          ExitCode.CAP_REACHED,
          "caps.usd");
      assertThat(run.judged()).hasSizeBetween(20, 25);
    }
  }

  @Test
  void answersOfOneEndpointDoNotVouchForAnother() throws IOException {
    try (EvaluationRun run = EvaluationRun.in(folder)) {
      failsWith(
          run.with("answerers.plain.endpoint.baseUrl", "\"http://127.0.0.1:1/v1\"")
              .with("limits.outageSeconds", "1"),
          ExitCode.ENDPOINT,
          "nothing answers there");
      assertThat(run.asked()).isEqualTo(TASKS);
    }
  }

  @Test
  void aJudgeWithNothingToJudgeIsRefusedBeforeAnybodyIsPaid() throws IOException {
    try (EvaluationRun run = EvaluationRun.in(folder)) {
      Files.createDirectories(folder.resolve("set"));
      Files.writeString(
          folder.resolve("set/facts.jsonl"),
          "{\"id\": \"f\", \"question\": \"How far?\", \"accepted\": [\"far\"]}\n");
      failsWith(
          run.with("set", "set").with("sections", "[facts]"),
          ExitCode.BAD_INPUT,
          "no two answers to one task to judge",
          "leave the judge out");
      assertThat(run.asked()).isZero();
      assertThat(run.directory()).doesNotExist();
    }
  }

  @Test
  void whatThisMachineComputesGoesBeforeWhatIsPaid() throws IOException {
    Files.write(folder.resolve("m.gguf"), new byte[] {'G', 'G', 'U', 'F'});
    try (EvaluationRun run = EvaluationRun.in(folder).answeredBy("  file: {gguf: m.gguf}\n")) {
      List<BesideStage> stages = new Evaluation(run.inputs(), List.of(), List.of()).stages();
      assertThat(stages.stream().map(BesideStage::name))
          .startsWith("answers-file", "answers-strong", "answers-plain");
      assertThatThrownBy(() -> stages.get(0).require(false))
          .hasMessageContaining("a GGUF file answers on this machine only");
    }
  }

  @Test
  void aJudgeOffTheFormIsAskedOnceMoreThenThereIsNoVerdict() throws IOException {
    try (EvaluationRun run = finished.copiedTo(folder)) {
      run.judgedBy(
              "lear",
              call -> {
                boolean again = call.promptText().contains("could not be read");
                int number = EvaluationRun.number(call);
                return number < 5 || (number < 10 && !again)
                    ? "I would not say."
                    : EvaluationRun.byGold(call);
              })
          .go();

      JsonNode result = run.pairs();
      assertThat(result.path("pairs").asInt()).isEqualTo(TASKS);
      assertThat(result.path("no_verdict").asInt()).isEqualTo(5);
      assertThat(result.path("wins").asInt() + result.path("losses").asInt()).isEqualTo(55);
      assertThat(run.judged()).hasSize(2 * TASKS + 20);
      assertThat(run.report().path("raters").path(0).path("no_verdict").asInt()).isEqualTo(10);
    }
  }

  @Test
  void aJudgeOfNoUseEndsTheEvaluation() throws IOException {
    try (EvaluationRun run = finished.copiedTo(folder)) {
      failsWith(
          run.judgedBy("lear", call -> "I would not say."),
          ExitCode.ENDPOINT,
          "the judge gave no verdict on 120 of 120 (missing_field 120): read some of its answers in"
              + " the table judge_pairs, then take another model, prompts or more tokens for the"
              + " judge: the answers stay");

      assertThat(RunStatus.read(run.run()).orElseThrow().state()).isEqualTo("failed");
    }
  }

  @Test
  void peopleJudgeByFilesThatAreKept() throws IOException {
    try (EvaluationRun run = finished.copiedTo(folder)) {
      Path anna = run.verdicts("anna", left -> left.startsWith("gold"));
      Path ben = run.verdicts("ben", left -> left.endsWith("indeed"));

      assertThat(run.go(anna, ben)).isTrue();

      JsonNode pairs = run.report().path("pairs");
      assertThat(pairs.path("results"))
          .extracting(result -> result.path("rater").asText() + " " + result.path("wins").asInt())
          .containsExactly("model:kent 45", "anna 45", "ben 60", "people 45");
      assertThat(pairs.path("agreement"))
          .extracting(one -> one.path("first").asText() + " " + one.path("second").asText())
          .containsExactly("model:kent anna", "model:kent ben", "anna ben");
      assertThat(pairs.path("agreement"))
          .extracting(one -> one.path("same").asInt())
          .containsExactly(60, 45, 45);
      assertThat(run.go()).isFalse();
      assertThat(run.report().path("pairs")).isEqualTo(pairs);
      assertThat(run.judged()).isEmpty();

      assertThat(run.go(List.of("ben"))).as("ben withdraws").isTrue();
      assertThat(run.report().path("pairs").path("results"))
          .extracting(result -> result.path("rater").asText())
          .containsExactly("model:kent", "anna");
      assertThat(run.go(List.of("anna", "ben"))).isTrue();
      assertThat(run.report().path("pairs").path("results"))
          .extracting(result -> result.path("rater").asText())
          .containsExactly("model:kent");
      assertThat(
              VerdictTable.read(LocalSpark.session(), run.run()).where("name = 'people'").count())
          .isZero();
    }
  }

  @Test
  void aFileThatLacksWhatIsKeptOfItsRaterIsRefused() throws IOException {
    try (EvaluationRun run = finished.copiedTo(folder)) {
      Path anna = run.verdicts("anna", left -> left.startsWith("gold"));
      assertThat(run.go(anna)).isTrue();
      Path fewer = folder.resolve("fewer.jsonl");
      Files.write(fewer, Files.readAllLines(anna).subList(1, 3));
      assertThatThrownBy(() -> run.go(fewer))
          .hasMessageContaining("of anna 58 verdicts that this file lacks would be lost")
          .hasMessageContaining("--without anna");
      assertThat(run.go(List.of("anna"))).isTrue();
      assertThat(run.go(fewer)).isTrue();
    }
  }

  @Test
  void aVerdictOnAnUnknownPairIsRefusedByItsLine() throws IOException {
    Path file = folder.resolve("anna.jsonl");
    Files.writeString(
        file,
        "{\"rater\": \"anna\", \"subject\": \"pair-99999\", \"question\": \"better\","
            + " \"verdict\": \"left\"}\n");
    try (EvaluationRun run = finished.copiedTo(folder.resolve("copy"))) {
      assertThatThrownBy(() -> run.go(file))
          .hasMessageContaining("anna.jsonl:1: unknown subject 'pair-99999'");
    }
  }

  @Test
  void anotherSetOrAnotherAnswererIsRefusedInTheSameDirectory() throws IOException {
    try (EvaluationRun run = finished.copiedTo(folder)) {
      failsWith(
          run.with("limit", "3"),
          ExitCode.RUN_REFUSED,
          "this directory holds another evaluation (",
          "limit is 3 in this command, all in the directory",
          "take another --run directory");
      failsWith(
          run.asWritten().with("answerers.plain.model", "edgar"),
          ExitCode.RUN_REFUSED,
          "answerers.plain.model is edgar in this command, oswald-1b in the directory");
      assertThat(run.asked()).isZero();
    }
  }

  @Test
  void anAnswererThatAnswersNothingEndsTheEvaluation() throws IOException {
    try (EvaluationRun run = EvaluationRun.in(folder)) {
      failsWith(run.plainly(call -> filtered()), ExitCode.ENDPOINT, "filtered");

      assertThat(run.directory().resolve("report.json")).doesNotExist();
      assertThat(run.judged()).isEmpty();
    }
  }

  private static Reply filtered() {
    return Reply.error(400, "invalid_request_error", "content_filter", "filtered");
  }

  @Test
  void whatOneAnswererIsRefusedIsLeftOutOfItsPairsAndCounted() throws IOException {
    try (EvaluationRun run = EvaluationRun.in(folder)) {
      run.plainly(
              call ->
                  EvaluationRun.number(call) < 6
                      ? filtered()
                      : Reply.text(call, EvaluationRun.answer(call, false)))
          .go();

      assertThat(run.pairs().path("pairs").asInt()).isEqualTo(TASKS - 6);
      assertThat(run.report().path("answered"))
          .extracting(count -> count.path("answerer").asText() + count.path("answered"))
          .containsExactly("strong60", "plain54");
    }
  }

  @Test
  void threeAnswerersStandOnOneScale() throws IOException {
    ScriptedServer third =
        ScriptedServer.start(
            call -> Reply.text(call, EvaluationRun.number(call) % 2 == 0 ? "gold 1" : "tin 1"));
    try (third;
        EvaluationRun run = EvaluationRun.in(folder)) {
      run.answeredBy(
              "  third: {endpoint: {baseUrl: \"%s\", keyEnv: none}, model: gloucester}\n"
                  .formatted(third.baseUrl()))
          .judgedBy(
              call -> {
                boolean left = EvaluationRun.isGold(call, "left");
                boolean right = EvaluationRun.isGold(call, "right");
                return "So.\nBetter: " + (left == right ? "neither" : left ? "left" : "right");
              })
          .go();

      assertThat(run.report().path("pairs").path("results")).hasSize(3);
      assertThat(run.report().path("pairs").path("rankings").path(0).path("places"))
          .extracting(place -> place.path("model").asText())
          .containsExactly("strong", "third", "plain");
    }
  }
}
