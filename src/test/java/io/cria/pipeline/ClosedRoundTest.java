package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.cria.llm.fake.ScriptedServer;
import io.cria.testing.ScriptedModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that may send no more is closed with what it has. */
class ClosedRoundTest {
  @TempDir Path folder;

  @Test
  void whatWasNotSentIsRecordedAndNothingIsAskedForIt() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(ScriptedModel.reliable())) {
      LineRun run =
          LineRun.of(folder.resolve("run"), "alpaca", server.baseUrl())
              .with("target", "1000")
              .with("rounds.size", "6")
              .with("caps.requests", "2");
      assertThatThrownBy(run::go).hasMessageContaining("caps.requests");
      int asked = server.calls().size();

      assertThat(run.runner().closingRound().runAll(run.inputs())).isTrue();

      assertThat(server.calls()).hasSize(asked).hasSize(2);
      assertThat(run.notes()).contains("generate round 0: 2 of 6 answered already");
      assertThat(run.status().state()).isEqualTo("done");
      List<JsonNode> candidates = run.trees("candidates");
      List<JsonNode> unsent =
          candidates.stream().filter(c -> c.path("reason").asText().equals("not_sent")).toList();
      assertThat(unsent)
          .hasSize(4)
          .allSatisfy(c -> assertThat(c.path("kept").asBoolean()).isFalse());
      assertThat(candidates.stream().filter(c -> c.path("kept").asBoolean())).isNotEmpty();
      assertThat(run.trees("examples")).isNotEmpty();
      assertThat(run.text("dataset/README.md")).contains("not_sent");

      assertThat(run.runner().closingRound().runAll(run.inputs())).isFalse();
      assertThat(server.calls()).hasSize(asked);
    }
  }

  /**
   * A run of the recipe that asks in three stages, as its cap cut it.
   *
   * @param stage in which the cap is reached
   */
  private LineRun capped(ScriptedServer server, String stage) throws Exception {
    LineRun run =
        LineRun.of(folder.resolve("run"), "self-instruct", server.baseUrl())
            .with("target", "12")
            .with("rounds.policy", "fixed")
            .with("rounds.size", "1");
    for (String before : List.of("generate", "classify", "instances")) {
      if (before.equals(stage)) {
        break;
      }
      assertThat(run.runner().runStage(run.inputs(), before)).isTrue();
    }
    run.with("caps.requests", String.valueOf(server.calls().size() + 3));
    assertThatThrownBy(run::go)
        .hasMessageContaining("caps.requests")
        .hasMessageContaining("--close-round");
    assertThat(run.trees("candidates").stream().map(c -> c.path("round").asInt()).distinct())
        .as("several rounds are open")
        .hasSizeGreaterThan(1);
    return run;
  }

  private static long count(LineRun run, String table, String reason) {
    return run.status().counts().getOrDefault(table, Map.of()).getOrDefault(reason, 0L);
  }

  @Test
  void roundsThatAreCutAmongTheirInstancesAreClosedAndMakeADataset() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(ScriptedModel.reliable())) {
      LineRun run = capped(server, "instances");
      int asked = server.calls().size();
      long kept = count(run, "candidates", "kept");

      assertThat(run.runner().closingRound().runAll(run.inputs())).isTrue();

      assertThat(server.calls()).hasSize(asked);
      assertThat(run.status().state()).isEqualTo("done");
      assertThat(count(run, "instances", "not_sent")).isEqualTo(kept - 3);
      assertThat(run.trees("examples")).isNotEmpty();
      assertThat(run.text("dataset/README.md")).contains("not_sent");

      run.with("caps.requests", "100000");
      assertThat(run.go()).as("closed is closed").isFalse();
      assertThat(server.calls()).hasSize(asked);
    }
  }

  @Test
  void roundsThatAreCutInTheClassificationAreClosedAndTheNextStageAsksWithinTheCap()
      throws Exception {
    try (ScriptedServer server = ScriptedServer.start(ScriptedModel.reliable())) {
      LineRun run = capped(server, "classify");
      int asked = server.calls().size();
      long kept = count(run, "candidates", "kept");

      assertThatThrownBy(() -> run.runner().closingRound().runAll(run.inputs()))
          .as("the instances were not begun, and the cap leaves none")
          .hasMessageContaining("caps.requests");
      assertThat(server.calls()).hasSize(asked);
      assertThat(count(run, "classified", "rows")).isEqualTo(kept);
      assertThat(count(run, "classified", "not_sent")).isEqualTo(kept - 3);

      run.with("caps.requests", "100000");
      assertThat(run.go()).isTrue();
      assertThat(server.calls())
          .as("instances of those that have a class, and nothing else")
          .hasSize(asked + 3);
      assertThat(count(run, "instances", "unclassified")).isEqualTo(kept - 3);
      assertThat(count(run, "instances", "not_sent")).isZero();
      assertThat(run.trees("examples")).isNotEmpty();
    }
  }

  @Test
  void whatWasNeverBegunCanBeClosedUnderTheCapToo() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(ScriptedModel.reliable())) {
      LineRun run = capped(server, "classify");
      int asked = server.calls().size();
      assertThatThrownBy(() -> run.runner().closingRound().runAll(run.inputs()))
          .hasMessageContaining("caps.requests");

      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> run.runner().closingRound().runAll(run.inputs()))
            .as("closed without one example is not done")
            .hasMessageContaining("not one example was made");
        assertThat(run.status().exitCode()).isEqualTo(5);
      }

      assertThat(server.calls()).hasSize(asked);
      assertThat(count(run, "instances", "rows")).isPositive();
      assertThat(count(run, "instances", "not_sent"))
          .as("no ledger holds a word of this stage, and none is missed")
          .isEqualTo(count(run, "instances", "rows") - count(run, "instances", "unclassified"));
    }
  }

  @Test
  void ofSeveralRoundsOnlyThoseThatWereBegunAreClosed() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(ScriptedModel.reliable())) {
      LineRun run = capped(server, "instances");
      // as if the driver had been killed while it planned
      Path planned = run.directory().resolve("requests/stage=instances/round=1");
      long unbegun =
          run.json("_manifests/requests/stage=instances/round=1.json")
              .path("counts")
              .path("planned")
              .longValue();
      for (Path file : LineRun.files(planned)) {
        Files.delete(file);
      }
      Files.delete(planned);
      long answered =
          run.ledger().stream()
              .filter(record -> record.stage().equals("instances") && record.round() == 1)
              .count();
      int asked = server.calls().size();
      run.with("caps.requests", "100000");

      assertThat(run.runner().closingRound().runAll(run.inputs())).isTrue();

      assertThat(server.calls()).hasSize(asked + (int) (unbegun - answered));
      assertThat(run.trees("instances").stream().filter(i -> i.path("round").asInt() == 1))
          .noneMatch(i -> i.path("reason").asText().equals("not_sent"));
      assertThat(count(run, "instances", "not_sent")).isPositive();
    }
  }
}
