package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cria.llm.fake.ScriptedServer;
import io.cria.task.SeededRandom;
import io.cria.testing.FaultCase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Driver and executors of one run killed again and again, in any stage: {@code -Dcria.kills=20}
 * asks for it, since every kill of a driver costs a new start.
 */
@Tag("cluster")
class ManyKillsTest {
  private static final int IN_FLIGHT = 3;
  private static final int EXECUTORS = 2;

  private final WatchedModel model = new WatchedModel();
  private final SeededRandom random = SeededRandom.of(11, "kills", 0, 0);
  private final AtomicInteger killed = new AtomicInteger();
  private final int kills = Integer.getInteger("cria.kills", 0);

  @TempDir Path folder;

  private static LineRun line(Path directory, ScriptedServer server) {
    return LineRun.of(directory, "self-instruct", server.baseUrl())
        .with("target", "60")
        .with("rounds.policy", "fixed")
        .with("rounds.size", "8")
        .with("limits.inFlight", String.valueOf(IN_FLIGHT));
  }

  @Test
  @FaultCase(20)
  void theBytesStayAndNoCommittedAnswerIsBoughtAgain() throws Exception {
    assumeTrue(kills > 0, "-Dcria.kills=N kills driver and executors N times");
    Map<String, String> dataset = reference();
    try (ScriptedServer server = ScriptedServer.start(model)) {
      LineRun run = line(folder.resolve("run"), server);
      int exitCode = -1;
      while (exitCode != 0) {
        Driver driver = start(run, killed.get());
        arm(driver);
        exitCode = driver.exitCode();
        assertThat(exitCode).as(driver::output).isIn(0, 137);
      }
      assertThat(killed.get()).as("kills").isEqualTo(kills);
      assertThat(LineRun.hashes(run.directory().resolve("dataset")).get("alpaca.jsonl"))
          .isEqualTo(dataset.get("alpaca.jsonl"));
      int twice = model.bought().values().stream().mapToInt(times -> times - 1).sum();
      System.out.println("bought twice in " + kills + " kills: " + twice);
      assertThat(twice).as("bought twice").isLessThanOrEqualTo(kills * EXECUTORS * IN_FLIGHT);
    }
  }

  /** The next kill: of the driver now and then, else of one of its executors. */
  private void arm(Driver driver) {
    if (killed.get() < kills) {
      model.at("", 1 + random.nextInt(8), () -> kill(driver));
    }
  }

  private void kill(Driver driver) {
    boolean ofDriver = killed.getAndIncrement() % 2 == 0;
    if (ofDriver) {
      driver.kill();
      return;
    }
    Stream<ProcessHandle> executors = driver.executors().stream();
    executors.skip(random.nextInt(2)).forEach(ProcessHandle::destroyForcibly);
    arm(driver);
  }

  private Driver start(LineRun run, int number) throws IOException {
    Path home = folder.resolve("home-" + number);
    Files.createDirectories(home.resolve("jars"));
    return Driver.onCluster(run, "self-instruct", home, Map.of(), folder.resolve("log-" + number));
  }

  private Map<String, String> reference() throws IOException {
    try (ScriptedServer server = ScriptedServer.start(new WatchedModel())) {
      LineRun run = line(folder.resolve("reference"), server);
      assertThat(run.go()).isTrue();
      return run.dataset();
    }
  }
}
