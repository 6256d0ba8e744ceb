package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.cria.llm.fake.ScriptedServer;
import io.cria.testing.ScriptedModel;
import java.nio.file.Path;
import java.util.List;
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
}
