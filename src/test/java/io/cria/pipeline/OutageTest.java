package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.llm.Outcome;
import io.cria.llm.fake.Reply;
import io.cria.llm.fake.ScriptedServer;
import io.cria.llm.fake.ScriptedServer.Call;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.testing.ScriptedModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An endpoint that is down is waited for; then the run ends, burns nothing, and goes on later. */
class OutageTest {
  @TempDir Path folder;

  /** A model that is down for all calls but the first so many, until it is up again. */
  private static final class FailingModel implements ScriptedServer.Script {
    private final ScriptedModel model = ScriptedModel.reliable();
    private final AtomicInteger calls = new AtomicInteger();
    private final Reply failure;
    private volatile int goodCalls;

    FailingModel(int goodCalls, Reply failure) {
      this.goodCalls = goodCalls;
      this.failure = failure;
    }

    @Override
    public Reply reply(Call call) {
      return calls.incrementAndGet() <= goodCalls ? model.reply(call) : failure;
    }
  }

  private static Reply down() {
    return Reply.error(503, "server_error", "unavailable", "Loading model");
  }

  private LineRun line(String name, String recipe, ScriptedServer server) {
    return LineRun.of(folder.resolve(name), recipe, server.baseUrl())
        .with("target", "30")
        .with("limits.outageSeconds", "2");
  }

  private SortedMap<String, String> reference(String recipe) throws IOException {
    try (ScriptedServer server = ScriptedServer.start(ScriptedModel.reliable())) {
      LineRun run = line("reference", recipe, server);
      assertThat(run.go()).isTrue();
      return run.dataset();
    }
  }

  private static void endsWithTheOutage(LineRun run) {
    assertThatThrownBy(run::go)
        .isInstanceOfSatisfying(
            CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.ENDPOINT))
        .hasMessageContaining("is down since")
        .hasMessageContaining("Loading model")
        .hasMessageContaining("give the same command again");
    assertThat(run.status().state()).isEqualTo("failed");
    assertThat(run.status().exitCode()).isEqualTo(5);
    assertThat(run.ledger()).noneMatch(record -> record.outcome() == Outcome.FAILED);
  }

  @ParameterizedTest
  @CsvSource({"alpaca, 0", "alpaca, 3", "self-instruct, 0", "self-instruct, 25"})
  void aRunAgainstAnEndpointThatIsDownEndsAndCompletesWhenItIsUp(String recipe, int goodCalls)
      throws IOException {
    FailingModel model = new FailingModel(goodCalls, down());
    try (ScriptedServer server = ScriptedServer.start(model)) {
      LineRun run = line("run", recipe, server);
      endsWithTheOutage(run);
      int committed = run.rows("candidates").size();
      endsWithTheOutage(run);
      assertThat(run.rows("candidates")).as("nothing was burnt").hasSize(committed);
      assertThat(run.notes()).anyMatch(note -> note.startsWith("endpoint down since "));

      model.goodCalls = Integer.MAX_VALUE;
      assertThat(run.go()).isTrue();
      assertThat(run.status().state()).isEqualTo("done");
      assertThat(run.dataset().get("alpaca.jsonl"))
          .isEqualTo(reference(recipe).get("alpaca.jsonl"));
    }
  }

  @Test
  void anOutageThatPassesCostsNoRequestItsAttempts() throws IOException {
    ScriptedModel model = ScriptedModel.reliable();
    AtomicInteger calls = new AtomicInteger();
    ScriptedServer.Script script =
        call -> {
          int number = calls.incrementAndGet();
          return number > 6 && number <= 16 ? down() : model.reply(call);
        };
    try (ScriptedServer server = ScriptedServer.start(script)) {
      LineRun run =
          line("run", "alpaca", server)
              .with("limits.attempts", "2")
              .with("limits.outageSeconds", "120");
      assertThat(run.go()).isTrue();
      assertThat(run.ledger()).noneMatch(record -> record.outcome() == Outcome.FAILED);
      assertThat(run.dataset().get("alpaca.jsonl"))
          .isEqualTo(reference("alpaca").get("alpaca.jsonl"));
    }
  }

  @Test
  void requestsThatFailWhileTheServerIsUpAreBoundedByTheirShare() throws IOException {
    ScriptedModel model = ScriptedModel.reliable();
    Set<String> unlucky = ConcurrentHashMap.newKeySet();
    ScriptedServer.Script script =
        call -> {
          if (call.method().equals("GET")) {
            return Reply.of(200, "{\"data\":[]}");
          }
          if (unlucky.size() < 2) {
            unlucky.add(call.keyDigest());
          }
          return unlucky.contains(call.keyDigest())
              ? Reply.error(500, "server_error", "server_error", "no luck with this one")
              : model.reply(call);
        };
    try (ScriptedServer server = ScriptedServer.start(script)) {
      LineRun run =
          line("run", "alpaca", server).with("limits.attempts", "2").with("rounds.size", "8");
      assertThatThrownBy(run::go)
          .isInstanceOfSatisfying(
              CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.ENDPOINT))
          .hasMessageContaining("got no answer")
          .hasMessageContaining("no luck with this one")
          .hasMessageContaining("--close-round");
      assertThat(run.rows("candidates")).isEmpty();

      assertThat(run.runner().closingRound().runAll(run.inputs())).isTrue();
      assertThat(run.trees("candidates"))
          .anyMatch(c -> c.path("reason").asText().equals("failed"))
          .anyMatch(c -> c.path("kept").asBoolean());
      assertThat(run.status().state()).isEqualTo("done");
    }
  }

  @Test
  void nothingKeptAtAllIsNoDataSet() throws IOException {
    ScriptedServer.Script script = call -> Reply.text(call, " draw a picture of a map");
    try (ScriptedServer server = ScriptedServer.start(script)) {
      LineRun run =
          line("run", "quickstart", server)
              .with("endpoint.dialect", "completions")
              .with("rounds.size", "2");
      for (int time = 0; time < 2; time++) {
        assertThatThrownBy(run::go)
            .isInstanceOfSatisfying(
                CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.ENDPOINT))
            .hasMessageContaining("nothing at all was kept")
            .hasMessageContaining("rounds.barren");
        assertThat(run.status().exitCode()).isEqualTo(5);
      }
      assertThat(run.directory().resolve("dataset")).doesNotExist();
    }
  }
}
