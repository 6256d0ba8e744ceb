package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.llm.fake.ScriptedServer;
import io.cria.testing.CountedFiles;
import io.cria.testing.LocalSpark;
import io.cria.testing.ScriptedModel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a round costs in listings and looks at files does not grow with the rounds before it. */
class FileCallsTest {
  @TempDir Path folder;

  @BeforeAll
  static void knowTheFileSystem() {
    CountedFiles.register(LocalSpark.session().sparkContext().hadoopConfiguration());
  }

  private long callsOf(int rounds) throws IOException {
    try (ScriptedServer server = ScriptedServer.start(ScriptedModel.reliable())) {
      LineRun run =
          LineRun.of(folder.resolve("unused"), "alpaca", server.baseUrl())
              .with("rounds.policy", "fixed")
              .with("rounds.size", "2")
              .with("rounds.max", String.valueOf(rounds))
              .with("target", "1000000");
      long before = CountedFiles.calls();
      Runner runner =
          new Runner(
              LocalSpark.session(),
              "counted://" + folder.resolve("run" + rounds),
              io.cria.run.RunProgress.silent(),
              Clock.systemUTC());
      assertThat(runner.runStage(run.inputs(), "generate")).isTrue();
      return CountedFiles.calls() - before;
    }
  }

  @Test
  void listingsAndHeadsARoundAreConstant() throws IOException {
    long ten = callsOf(10);
    long twenty = callsOf(20);
    long forty = callsOf(40);
    double first = (twenty - ten) / 10.0;
    double later = (forty - twenty) / 20.0;
    assertThat(first).as("a round's calls are counted").isGreaterThan(5);
    assertThat(later).as("calls a round, of the last twenty of forty").isLessThan(first + 1);
  }
}
