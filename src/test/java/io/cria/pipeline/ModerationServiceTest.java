package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.llm.fake.Reply;
import io.cria.llm.fake.ScriptedServer;
import io.cria.llm.fake.ScriptedServer.Call;
import io.cria.run.Line;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.testing.ScriptedModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The stage moderate against a service that speaks OpenAI's moderations. */
class ModerationServiceTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  /** Answers as a model, and as a service that flags texts with a sailor in them. */
  private static Reply answer(Call call, ScriptedModel model) {
    return call.path().endsWith("/moderations")
        ? moderated(call, call.body().path("input").size())
        : model.reply(call);
  }

  private static Reply moderated(Call call, int results) {
    ObjectNode answer = JSON.createObjectNode().put("id", "modr-1").put("model", "omni-1");
    ArrayNode all = answer.putArray("results");
    for (int i = 0; i < results; i++) {
      boolean flagged = call.body().path("input").path(i).asText().contains("sailor");
      ObjectNode result = all.addObject().put("flagged", flagged);
      result.putObject("categories").put("violence/graphic", flagged).put("hate", false);
      result
          .putObject("category_scores")
          .put("violence", 0.25)
          .put("violence/graphic", flagged ? 0.75 : 0.125)
          .put("of/tomorrow", 0.5);
    }
    return Reply.of(200, answer.toString());
  }

  private LineRun line(ScriptedServer server) {
    return LineRun.of(folder.resolve("run"), "alpaca", server.baseUrl())
        .with("target", "60")
        .with("rounds.size", "8")
        .with("stages", "[generate, instances, moderate, dataset]")
        .with(
            "moderation",
            "{policy: flag, service: {batch: 7, endpoint: {baseUrl: \""
                + server.baseUrl()
                + "\", keyEnv: none}}}");
  }

  private static List<Call> moderations(ScriptedServer server) {
    return server.calls().stream().filter(call -> call.path().endsWith("/moderations")).toList();
  }

  @Test
  void everyInstanceIsAskedAboutOnceWithManyTextsARequest() throws IOException {
    ScriptedModel model = ScriptedModel.reliable();
    try (ScriptedServer server = ScriptedServer.start(call -> answer(call, model))) {
      LineRun run = line(server);
      assertThat(run.go()).isTrue();
      List<JsonNode> instances =
          run.trees("instances").stream().filter(i -> i.path("kept").asBoolean()).toList();
      List<JsonNode> moderated = run.trees("moderated");
      assertThat(moderated).hasSameSizeAs(instances).hasSizeGreaterThan(30);
      for (JsonNode row : moderated) {
        boolean flagged = row.path("flagged").asBoolean();
        assertThat(row.path("rater").asText()).isEqualTo("model:omni-moderation-latest");
        assertThat(row.path("answer_id").asText()).hasSizeGreaterThan(64);
        assertThat(row.path("scores").path("violence").asDouble()).isEqualTo(flagged ? 0.75 : 0.25);
        assertThat(row.path("scores").path("hate").asDouble()).isZero();
        assertThat(row.path("categories").toString()).isEqualTo(flagged ? "[\"violence\"]" : "[]");
      }
      assertThat(moderated.stream().filter(row -> row.path("flagged").asBoolean()))
          .isNotEmpty()
          .hasSizeLessThan(moderated.size());
      List<Call> asked = moderations(server);
      assertThat(asked.stream().mapToInt(call -> call.body().path("input").size()).sum())
          .isEqualTo(instances.size());
      assertThat(asked).allMatch(call -> call.body().path("input").size() <= 7);
      assertThat(asked.get(0).body().size()).as("model and input, nothing else").isEqualTo(2);

      assertThat(run.go()).as("nothing is asked twice").isFalse();
      assertThat(moderations(server)).hasSameSizeAs(asked);
      aChangedAnswerOfTheServiceIsFound(run.directory());
    }
  }

  private static void aChangedAnswerOfTheServiceIsFound(Path run) {
    VerifyCall.verify(run).isWhole();
    String unit = "moderations/round=0/part-00000";
    DamagedRun.rewrite(
        run,
        Line.MODERATIONS.table(),
        unit + ".parquet",
        rows -> {
          rows.set(0, DamagedRun.with(rows.get(0), "answer_id", "f".repeat(64) + ".1"));
          return rows;
        });
    DamagedRun.forge(run, unit, manifest -> manifest);
    VerifyCall called = VerifyCall.verify(run);
    called.finds(unit + ".parquet, row 1: answer_id " + "f".repeat(64) + ".1 is not in answers");
    called.finds("moderated/round=0/");
    assertThat(called.out()).contains("is not in moderations as it stands here");
  }

  @Test
  void anAnswerWithAnotherNumberOfResultsIsAskedForAgain() throws IOException {
    ScriptedModel model = ScriptedModel.reliable();
    AtomicInteger sent = new AtomicInteger();
    ScriptedServer.Script once =
        call ->
            call.path().endsWith("/moderations")
                ? moderated(
                    call, call.body().path("input").size() + (sent.incrementAndGet() == 2 ? -1 : 0))
                : model.reply(call);
    try (ScriptedServer server = ScriptedServer.start(once)) {
      LineRun run = line(server).with("moderation.service.batch", "5");
      assertThat(run.go()).isTrue();
      List<JsonNode> instances =
          run.trees("instances").stream().filter(i -> i.path("kept").asBoolean()).toList();
      assertThat(run.trees("moderated")).hasSameSizeAs(instances);
      int texts =
          moderations(server).stream().mapToInt(call -> call.body().path("input").size()).sum();
      assertThat(texts).as("one request is sent twice").isGreaterThan(instances.size());
      assertThat(texts).isLessThanOrEqualTo(instances.size() + 5);
    }
  }

  @Test
  void aServiceThatLeavesTextsOutEndsTheStageAndNothingPasses() throws IOException {
    ScriptedModel model = ScriptedModel.reliable();
    ScriptedServer.Script short1 =
        call ->
            call.path().endsWith("/moderations")
                ? moderated(call, call.body().path("input").size() - 1)
                : model.reply(call);
    try (ScriptedServer server = ScriptedServer.start(short1)) {
      LineRun run = line(server).with("moderation.service.batch", "5");
      assertThatThrownBy(run::go)
          .isInstanceOfSatisfying(
              CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.ENDPOINT))
          .hasMessageContaining("the answer has 4 results, and the request 5 texts");
      assertThat(run.trees("moderated")).isEmpty();
      assertThat(run.directory().resolve("dataset")).doesNotExist();
      VerifyCall.verify(run.directory()).isWhole();
    }
  }

  private static void failsWith(ExitCode code, Runnable work, String words) {
    assertThatThrownBy(work::run)
        .isInstanceOfSatisfying(CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(code))
        .hasMessageContaining(words)
        .hasMessageNotContaining("--close-round");
  }

  @Test
  void aCapInModerationLeavesADatasetOfWhatIsModeratedAndClosesNothing() throws IOException {
    ScriptedModel model = ScriptedModel.reliable();
    try (ScriptedServer server = ScriptedServer.start(call -> answer(call, model))) {
      LineRun run = line(server).with("rounds.size", "2").with("moderation.service.batch", "512");
      assertThat(run.runner().runStage(run.inputs(), "generate")).isTrue();
      assertThat(run.runner().runStage(run.inputs(), "instances")).isTrue();
      // a request a round: the first round is moderated, the others are not
      run.with("caps.requests", String.valueOf(server.calls().size() + 1));
      failsWith(ExitCode.CAP_REACHED, run::go, "; the dataset has ");
      assertThat(run.trees("moderated")).isNotEmpty();
      assertThat(run.trees("dataset/parquet")).hasSameSizeAs(run.trees("moderated"));

      failsWith(
          ExitCode.CAP_REACHED,
          () -> run.runner().closingRound().runAll(run.inputs()),
          "nothing of this stage can be left out");
      assertThat(moderations(server)).hasSize(1);

      assertThat(run.with("caps.requests", "100000").go()).isTrue();
      assertThat(moderations(server)).hasSizeGreaterThan(1);
      assertThat(run.trees("moderated"))
          .hasSameSizeAs(
              run.trees("instances").stream().filter(i -> i.path("kept").asBoolean()).toList());
    }
  }

  @Test
  void anAnswerThatCannotBeReadIsAskedForAgainWhereThatIsWanted() throws IOException {
    ScriptedModel model = ScriptedModel.reliable();
    AtomicInteger sent = new AtomicInteger();
    ScriptedServer.Script once =
        call ->
            call.path().endsWith("/moderations") && sent.incrementAndGet() == 2
                ? Reply.of(
                    200,
                    "{\"id\": \"m\", \"model\": \"o\", \"results\": ["
                        + "{\"flagged\": 1},".repeat(call.body().path("input").size() - 1)
                        + "{\"flagged\": 1}]}")
                : answer(call, model);
    try (ScriptedServer server = ScriptedServer.start(once)) {
      LineRun run = line(server).with("rounds.size", "30").with("moderation.service.batch", "5");
      failsWith(ExitCode.ENDPOINT, run::go, "give --retry-rejected");
      int asked = moderations(server).size();
      assertThat(asked).isGreaterThan(3);
      failsWith(ExitCode.ENDPOINT, run::go, "malformed");
      assertThat(moderations(server)).as("not without being told to").hasSize(asked);

      assertThat(run.runner().retryingRejected().runAll(run.inputs())).isTrue();
      assertThat(sent).hasValueGreaterThan(asked);
      assertThat(run.trees("moderations")).allMatch(row -> row.has("flagged"));
      assertThat(run.directory().resolve("dataset")).exists();
    }
  }

  @Test
  void aCapInDollarsWantsThePriceOfTheServiceToo() throws IOException {
    try (ScriptedServer server = ScriptedServer.start(ScriptedModel.reliable())) {
      LineRun run = line(server).with("moderation.service.model", "guard").with("caps.usd", "1");
      assertThatThrownBy(run::go)
          .isInstanceOfSatisfying(
              CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
          .hasMessageContaining("no price is known for the model 'guard'");
      assertThat(server.calls()).isEmpty();
    }
  }

  @Test
  void aRunsOwnModelCannotBeAModerationService() {
    assertThatThrownBy(
            () ->
                LineRun.of(folder.resolve("run"), "alpaca", "http://127.0.0.1:1/v1")
                    .with("endpoint.dialect", "moderations")
                    .inputs())
        .hasMessageContaining("dialect must be one of [chat, completions, embedded]");
  }
}
