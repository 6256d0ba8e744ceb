package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.llm.LedgerRecord;
import io.cria.llm.fake.Reply;
import io.cria.llm.fake.ScriptedServer;
import io.cria.testing.ScriptedModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A driver that a cluster runs and ends: by a signal, behind which a kill comes. */
class TerminatedDriverTest {
  private static final int AT_ONCE = 4;

  @TempDir Path folder;

  @Test
  void itSaysItsLastWordsAlthoughAnswersWouldTakeLonger() throws Exception {
    ScriptedModel model = ScriptedModel.reliable();
    CountDownLatch waiting = new CountDownLatch(AT_ONCE);
    try (ScriptedServer server =
        ScriptedServer.start(
            call -> {
              Reply reply = model.reply(call);
              if (call.number() <= AT_ONCE) {
                return reply;
              }
              waiting.countDown();
              return reply.withFault(Reply.Fault.HANG);
            })) {
      LineRun run =
          LineRun.of(folder.resolve("run"), "alpaca", server.baseUrl())
              .with("target", "1000")
              .with("rounds.policy", "fixed")
              .with("rounds.size", "100")
              .with("limits.attemptSeconds", "3600")
              .with("limits.totalSeconds", "3600")
              .with("limits.inFlight", String.valueOf(AT_ONCE));
      // all that Cria hears of a driver of a cluster
      Map<String, String> conf =
          Map.of("spark.master", "local[2]", "spark.submit.deployMode", "cluster");
      Driver driver = Driver.start(run, "alpaca", conf, Map.of(), List.of(), folder.resolve("log"));
      assertThat(waiting.await(2, TimeUnit.MINUTES)).as(driver::output).isTrue();

      driver.terminate();

      assertThat(driver.exitCode()).as(driver::output).isEqualTo(3);
      assertThat(driver.output()).contains("stopped on request; every paid answer is kept");
      assertThat(run.status().state()).isEqualTo("stopped");
      assertThat(run.status().exitCode()).isEqualTo(3);
      assertThat(run.lockHolder()).isEmpty();
      List<LedgerRecord> ledger = run.ledger();
      assertThat(ledger).filteredOn(r -> r.outcome().isTerminal()).hasSize(AT_ONCE);
      assertThat(ledger)
          .filteredOn(r -> !r.outcome().isTerminal())
          .hasSize(AT_ONCE)
          .allMatch(LedgerRecord::suspectedPaid);
    }
  }
}
