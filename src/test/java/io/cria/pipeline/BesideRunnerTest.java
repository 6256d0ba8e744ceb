package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.config.AskConfig;
import io.cria.config.JudgeConfig;
import io.cria.evaluate.AnswerForm;
import io.cria.llm.fake.Reply;
import io.cria.llm.fake.ScriptedServer;
import io.cria.llm.fake.ScriptedServer.Call;
import io.cria.prompt.JudgePrompt;
import io.cria.run.AskContext;
import io.cria.run.RunProgress;
import io.cria.run.Wish;
import io.cria.stage.BesideStage;
import io.cria.stage.JudgeQuestions;
import io.cria.storage.Location;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.testing.LocalSpark;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Questions beside a line: in a directory of their own, with all that a run has. */
class BesideRunnerTest {
  private static final int SUBJECTS = 24;

  @TempDir Path folder;

  /** A judge that calls a text of an even number A and any other C, on the form or off it. */
  private static Reply judged(Call call, boolean onForm) {
    int number = Integer.parseInt(call.promptText().replaceAll("(?s).*text number (\\d+).*", "$1"));
    String level = number % 2 == 0 ? "A" : "C";
    return Reply.text(call, onForm ? "Read it.\nLevel: " + level : "I would say " + level + ".");
  }

  private static boolean isAgain(Call call) {
    return call.promptText().contains("An earlier answer to this could not be read");
  }

  private RunDirectory directory() {
    return RunDirectory.at(folder.resolve("judged").toString(), new Configuration());
  }

  private JudgeInputs judge(ScriptedServer server, Map<String, String> more) {
    Location file =
        Location.of(LineRun.home().resolve("conf/judge.yaml").toString(), new Configuration());
    Map<String, String> overrides = new HashMap<>(more);
    overrides.put("endpoint.baseUrl", "\"" + server.baseUrl() + "\"");
    overrides.put("endpoint.keyEnv", LineRun.KEY_VARIABLE);
    return JudgeInputs.fromFile(
        file,
        file.text("the shipped judge"),
        overrides,
        file.resolve("prices.yaml"),
        new Configuration());
  }

  private boolean go(JudgeInputs judge, Wish wish) {
    JudgePrompt prompt =
        JudgePrompt.of(
            judge.prompts(),
            "level",
            List.of("instruction", "input", "answer"),
            AnswerForm.LEVEL.shown());
    JudgeQuestions questions =
        new JudgeQuestions(
            "level", AnswerForm.LEVEL, prompt, judge.config().decoding(), "another model");
    BesideStage stage =
        new BesideStage() {
          @Override
          public String name() {
            return "level";
          }

          @Override
          public Optional<AskConfig> asks() {
            return Optional.of(judge.asking());
          }

          @Override
          public boolean run(AskContext context) {
            return questions.run(
                context,
                List.of(new Manifest.Input("subjects", "24")),
                () -> IntStream.range(0, SUBJECTS).mapToObj(BesideRunnerTest::subject).iterator());
          }
        };
    return new BesideRunner(
            LocalSpark.session(), directory(), RunProgress.silent(), Clock.systemUTC())
        .wishing(wish)
        .run(
            new BesideRunner.Work(
                "levels",
                Map.of("judge", judge.identity()),
                judge.asking(),
                judge.prices(),
                null,
                judge.kept(),
                "another --name"),
            List.of(stage));
  }

  private static JudgeQuestions.Subject subject(int number) {
    return new JudgeQuestions.Subject(
        "subject-" + number,
        Map.of("instruction", "Say it.", "input", "", "answer", "This is text number " + number));
  }

  private Map<String, String> verdicts() {
    JudgeQuestions questions =
        new JudgeQuestions(
            "level",
            AnswerForm.LEVEL,
            JudgePrompt.of(
                RunInputs.promptFiles(
                    Location.of(
                        LineRun.home().resolve("conf/prompts/judge").toString(),
                        new Configuration())),
                "level",
                List.of("instruction", "input", "answer"),
                AnswerForm.LEVEL.shown()),
            JudgeConfig.parse("model: m", "m", Map.of()).decoding(),
            "another model");
    Map<String, String> verdicts = new TreeMap<>();
    for (Row row : questions.verdicts(LocalSpark.session(), directory()).collectAsList()) {
      verdicts.put(row.getAs("subject_id"), String.valueOf(row.<String>getAs("verdict")));
    }
    return verdicts;
  }

  private static void failsWith(ExitCode code, Runnable work, String... words) {
    assertThatThrownBy(work::run)
        .isInstanceOfSatisfying(CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(code))
        .hasMessageContainingAll(words);
  }

  @Test
  void everySubjectIsAskedOnceAndAgainOnlyWhereTheAnswerWasOffTheForm() throws IOException {
    ScriptedServer.Script script =
        call -> judged(call, isAgain(call) || !call.promptText().contains("number 1"));
    try (ScriptedServer server = ScriptedServer.start(script)) {
      assertThat(go(judge(server, Map.of()), Wish.NONE)).isTrue();
      // 1 and 10 to 19
      assertThat(server.calls()).hasSize(SUBJECTS + 11);
      assertThat(verdicts()).hasSize(SUBJECTS);
      assertThat(verdicts()).containsEntry("subject-4", "A").containsEntry("subject-11", "C");

      assertThat(go(judge(server, Map.of()), Wish.NONE)).as("all is done").isFalse();
      assertThat(server.calls()).hasSize(SUBJECTS + 11);
    }
    RunStatus status = RunStatus.read(directory()).orElseThrow();
    assertThat(status.state()).isEqualTo("done");
    assertThat(status.counts()).containsOnlyKeys("level");
    assertThat(status.counts().get("level"))
        .containsEntry("level A", 12L)
        .containsEntry("missing_field", 11L);
    assertThat(new RunCheck(directory()).damage(io.cria.ask.Spend.of(directory()))).isEmpty();
  }

  @Test
  void aCapEndsItAndAHigherOneGoesOnWithoutBuyingAgain() throws IOException {
    try (ScriptedServer server = ScriptedServer.start(call -> judged(call, true))) {
      JudgeInputs capped = judge(server, Map.of("caps.requests", "10", "limits.inFlight", "2"));
      failsWith(
          ExitCode.CAP_REACHED, () -> go(capped, Wish.NONE), "the cap of 10 requests is reached");
      assertThat(RunStatus.read(directory()).orElseThrow().state()).isEqualTo("capped");
      assertThat(server.calls()).hasSize(10);

      assertThat(go(judge(server, Map.of("caps.requests", "100")), Wish.NONE)).isTrue();
      assertThat(server.calls()).hasSize(SUBJECTS);
      assertThat(verdicts().values()).doesNotContain("null");
    }
  }

  @Test
  void whatACapCutCanBeClosedWithTheAnswersThereAre() throws IOException {
    try (ScriptedServer server = ScriptedServer.start(call -> judged(call, true))) {
      JudgeInputs capped = judge(server, Map.of("caps.requests", "10", "limits.inFlight", "2"));
      failsWith(ExitCode.CAP_REACHED, () -> go(capped, Wish.NONE), "caps.requests");
      assertThat(go(capped, new Wish(true, false))).isTrue();
      assertThat(server.calls()).hasSize(10);
      assertThat(verdicts().values().stream().filter("null"::equals)).hasSize(SUBJECTS - 10);
    }
  }

  @Test
  void whatIsClosedIsNotAskedAgainWhereItIsOffTheForm() throws IOException {
    ScriptedServer.Script script =
        call -> judged(call, isAgain(call) || !call.promptText().contains("number 1"));
    try (ScriptedServer server = ScriptedServer.start(script)) {
      JudgeInputs capped = judge(server, Map.of("caps.requests", "12", "limits.inFlight", "1"));
      failsWith(ExitCode.CAP_REACHED, () -> go(capped, Wish.NONE), "caps.requests");
      JudgeInputs free = judge(server, Map.of());
      assertThat(go(free, new Wish(true, false))).isTrue();
      assertThat(server.calls()).hasSize(12);
      assertThat(verdicts()).containsEntry("subject-1", "null").containsEntry("subject-2", "A");
      assertThat(go(free, new Wish(true, false))).isFalse();
      assertThat(server.calls()).as("closed already").hasSize(12);

      assertThat(go(free, Wish.NONE)).as("those off the form, where nothing is closed").isTrue();
      // 1, 10 and 11
      assertThat(server.calls()).hasSize(12 + 3);
      assertThat(verdicts()).containsEntry("subject-1", "C").containsEntry("subject-23", "null");
    }
  }

  @Test
  void aJudgeThatIsOffTheFormThroughoutEndsItAndIsPaidNoFurther() throws IOException {
    try (ScriptedServer server = ScriptedServer.start(call -> judged(call, false))) {
      for (int i = 0; i < 2; i++) {
        failsWith(
            ExitCode.ENDPOINT,
            () -> go(judge(server, Map.of()), Wish.NONE),
            "gave no verdict on 24 of 24 (missing_field 24): ",
            "then take another model");
        assertThat(server.calls()).hasSize(2 * SUBJECTS);
      }
    }
    assertThat(RunStatus.read(directory()).orElseThrow().exitCode()).isEqualTo(5);
  }

  @Test
  void anotherJudgeIsRefusedInTheSameDirectory() throws IOException {
    try (ScriptedServer server = ScriptedServer.start(call -> judged(call, true))) {
      assertThat(go(judge(server, Map.of()), Wish.NONE)).isTrue();
      failsWith(
          ExitCode.RUN_REFUSED,
          () -> go(judge(server, Map.of("model", "other")), Wish.NONE),
          "judge.model is other in this command",
          "take another --name");
    }
  }

  @Test
  void aCapInDollarsWantsAPriceBeforeAnythingIsWritten() throws IOException {
    try (ScriptedServer server = ScriptedServer.start(call -> judged(call, true))) {
      JudgeInputs judge = judge(server, Map.of("caps.usd", "1", "model", "nobody-knows-it"));
      failsWith(
          ExitCode.BAD_INPUT,
          () -> go(judge, Wish.NONE),
          "no price is known for the model 'nobody-knows-it'");
      assertThat(server.calls()).isEmpty();
      assertThat(folder.resolve("judged")).doesNotExist();
    }
  }
}
