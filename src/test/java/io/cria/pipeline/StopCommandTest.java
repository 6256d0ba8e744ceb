package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.cli.Main;
import io.cria.llm.fake.ScriptedServer;
import io.cria.run.AskContext;
import io.cria.storage.RunDirectory;
import io.cria.storage.RunLock;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code cria stop} beside a driver in a process of its own, and where there is none. */
class StopCommandTest {
  @TempDir Path folder;

  private record Said(int code, String out, String err) {}

  private static Said cria(Object... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] words = Stream.of(args).map(String::valueOf).toArray(String[]::new);
    int code = Main.run(new PrintWriter(out), new PrintWriter(err), words);
    return new Said(code, out.toString(), err.toString());
  }

  @Test
  void aRunAtWorkDrainsAndGoesOnLater() throws Exception {
    WatchedModel model = new WatchedModel();
    try (ScriptedServer server = ScriptedServer.start(model)) {
      LineRun run =
          LineRun.of(folder.resolve("run"), "self-instruct", server.baseUrl())
              .with("target", "100000")
              .with("rounds.policy", "fixed")
              .with("rounds.size", "4000")
              .with("limits.inFlight", "2");
      CountDownLatch asking = new CountDownLatch(1);
      model.at("generate", 30, asking::countDown);
      Driver driver = Driver.start(run, "self-instruct", "local[2]", folder.resolve("log"));
      assertThat(asking.await(2, TimeUnit.MINUTES)).as(driver::output).isTrue();

      Said said = cria("stop", run.directory());

      assertThat(said.code()).as(said.err()).isZero();
      assertThat(said.out())
          .startsWith(run.directory() + ": stopped, stage generate, exit code 3\n")
          .contains("every paid answer is kept: give the same command to go on");
      assertThat(said.err()).startsWith("cria: waiting for process ").contains(" to end  0 s");
      assertThat(driver.exitCode()).as(driver::output).isEqualTo(3);
      assertThat(run.directory().resolve(AskContext.STOP_FILE)).doesNotExist();

      Said again = cria("stop", run.directory());
      assertThat(again.code()).isEqualTo(2);
      assertThat(again.err().lines())
          .singleElement()
          .asString()
          .contains("nothing is running there (stopped, exit code 3)");
      assertThat(run.directory().resolve(AskContext.STOP_FILE)).doesNotExist();
    }
  }

  @Test
  void whereNoRunIsNothingIsMade() {
    Path none = folder.resolve("none");
    Said said = cria("stop", none);
    assertThat(said.code()).isEqualTo(2);
    assertThat(said.err().lines())
        .containsExactly(
            "cria: "
                + none
                + ": nothing is running there: give the directory of a run or a training that is at work");
    assertThat(none).doesNotExist();
  }

  @Test
  void oneMayAskAndLeaveOrWaitForAWhile() throws Exception {
    RunDirectory run = RunDirectory.at(folder.resolve("run").toString(), new Configuration());
    try (RunLock lock = RunLock.acquire(run, Clock.systemUTC())) {
      lock.requireHeld();
      Said left = cria("stop", folder.resolve("run"), "--no-wait");
      assertThat(left.code()).as(left.err()).isZero();
      assertThat(left.out()).contains("asked to stop, process " + ProcessHandle.current().pid());
      assertThat(left.err()).isEmpty();
      assertThat(Files.exists(folder.resolve("run/_stop"))).isTrue();

      Said waited = cria("stop", folder.resolve("run"), "--timeout", "0");
      assertThat(waited.code()).isEqualTo(6);
      assertThat(waited.err()).contains("is still at work after 0 s", "it is asked to stop");

      Said both = cria("stop", folder.resolve("run"), "--timeout", "5", "--no-wait");
      assertThat(both.code()).isEqualTo(2);
    }
  }
}
