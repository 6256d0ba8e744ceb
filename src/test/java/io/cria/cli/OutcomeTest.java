package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.llm.fake.ScriptedServer;
import io.cria.pipeline.Outcome;
import io.cria.storage.RunDirectory;
import io.cria.storage.RunLock;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.testing.LocalSpark;
import io.cria.testing.ScriptedModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an invocation leaves for whoever sees neither its output nor its exit code. */
class OutcomeTest {
  private static final Path CONF =
      Path.of(System.getProperty("cria.home", "."), "conf/quickstart.yaml").toAbsolutePath();

  @TempDir Path folder;

  private Path run = Path.of("unset");

  @BeforeEach
  void name() {
    run = folder.resolve("run");
  }

  @AfterEach
  void forget() {
    System.clearProperty(Outcome.PROPERTY);
  }

  private static Called submitted(String invocation, Object... args) {
    System.setProperty(Outcome.PROPERTY, invocation);
    try {
      return Called.with(args);
    } finally {
      System.clearProperty(Outcome.PROPERTY);
    }
  }

  private Called asked(String invocation, Object... more) {
    List<Object> args = new ArrayList<>(List.of("status", run, "--outcome", invocation));
    args.addAll(List.of(more));
    return Called.with(args.toArray());
  }

  private RunDirectory directory() {
    return RunDirectory.at(run.toString(), new Configuration());
  }

  private static JsonNode json(String text) throws IOException {
    return new ObjectMapper().readTree(text);
  }

  @Test
  void aTrainingLeavesItInTheRunThatItsFirstWordNames() {
    submitted("t-1", "train", "--name", "first", "--set=a=b", "--verbose", run, "--no-such-option");

    Called asked = asked("t-1");

    assertThat(asked.code()).isEqualTo(2);
    assertThat(Outcome.read(directory(), "t-1")).map(Outcome::exitCode).contains(2);
  }

  private Called runs(String invocation, ScriptedServer server, String... more) {
    List<Object> args = new ArrayList<>(List.of("run", CONF, "--run", run, "--no-report"));
    args.addAll(List.of("--base-url", server.baseUrl(), "--dialect", "completions"));
    args.addAll(List.of("--target", "2", "--set", "rounds.size=4"));
    args.addAll(List.of(more));
    return submitted(invocation, args.toArray());
  }

  @Test
  void everyInvocationIsRepeatedAsItEnded() throws IOException {
    LocalSpark.session();
    Called refused = submitted("first", "run", folder.resolve("none.yaml"), "--run", run);
    assertThat(refused.code()).isEqualTo(2);
    assertThat(asked("first")).isEqualTo(refused);
    JsonNode left = json(Files.readString(run.resolve("_outcomes/first.json")));
    assertThat(left.path("invocation").asText()).isEqualTo("first");
    assertThat(left.path("exit_code").asInt()).isEqualTo(2);
    assertThat(refused.err()).isEqualTo("cria: " + left.path("line").asText() + "\n");
    assertThat(left.path("text").asText()).isEmpty();

    Called misspelt = submitted("misspelt", "run", CONF, "--run=" + run, "--tarhet", "2");
    assertThat(misspelt.code()).isEqualTo(2);
    assertThat(asked("misspelt")).isEqualTo(misspelt);

    try (ScriptedServer server = ScriptedServer.start(ScriptedModel.reliable())) {
      Called done = runs("second", server, "--show", "1");
      assertThat(done.code()).as("nothing but outcomes is a new run: " + done.err()).isZero();
      Called repeated = asked("second");
      assertThat(repeated.out()).isEqualTo(done.out()).isNotEmpty();
      assertThat(repeated.err()).isEmpty();
      assertThat(repeated.code()).isZero();
      assertThat(json(Files.readString(run.resolve("status.json"))).path("invocation").asText())
          .isEqualTo("second");
      assertThat(Called.with("status", run).out()).containsPattern("(?m)^invocation +second$");

      try (RunLock lock = RunLock.acquire(directory(), Clock.systemUTC())) {
        lock.requireHeld();
        Called locked = runs("third", server);
        assertThat(locked.code()).isEqualTo(6);
        assertThat(asked("third").err()).isEqualTo("cria: " + error(locked));
        assertThat(asked("third").code()).isEqualTo(6);
        assertThat(Files.readString(run.resolve("status.json"))).contains("\"second\"");
      }

      Called unnamed = runs("", server);
      assertThat(unnamed.code()).isZero();
      assertThat(run.resolve("_outcomes")).isDirectoryNotContaining("glob:**unnamed*");
      schedulersReadOneObject();
    }
  }

  private static String error(Called called) {
    int at = called.err().lastIndexOf("cria: ");
    return called.err().substring(at + "cria: ".length());
  }

  private void schedulersReadOneObject() throws IOException {
    JsonNode done = json(Called.with("status", run, "--json").out());
    assertThat(done.path("state").asText()).isEqualTo("done");
    assertThat(done.path("dead").asBoolean()).isFalse();
    assertThat(done.path("exit_code").asInt()).isZero();
    assertThat(done.path("invocation").asText()).isEmpty();
    assertThat(done.path("identity_hash").asText()).hasSize(64);
    assertThat(done.path("counts").path("examples").path("rows").asInt()).isPositive();
    assertThat(done.path("spend").path("records").asInt()).isPositive();

    Path status = run.resolve("status.json");
    Files.writeString(
        status,
        Files.readString(status)
            .replace("\"done\"", "\"running\"")
            .replace("\"exit_code\" : 0", "\"exit_code\" : -1")
            .replace("\"invocation\" : \"\"", "\"invocation\" : \"killed\""));
    JsonNode killed = json(Called.with("status", run, "--json").out());
    assertThat(killed.path("state").asText()).isEqualTo("running");
    assertThat(killed.path("dead").asBoolean()).isTrue();
    assertThat(Called.with("status", run).out())
        .contains("ended without a word, while it was running");
    assertThat(Called.with("stop", run).err())
        .contains("nothing is running there (its last driver ended without a word");
    Called asked = asked("killed");
    assertThat(asked.code()).isEqualTo(1);
    assertThat(asked.err())
        .contains("the driver of killed ended without a word: see its stderr on the worker");
    try (RunLock lock = RunLock.acquire(directory(), Clock.systemUTC())) {
      lock.requireHeld();
      assertThat(asked("killed").err()).contains("killed has not said how it ended, or is still");
      assertThat(Called.with("status", run).out())
          .contains("process " + ProcessHandle.current().pid() + " on ");
    }
  }

  @Test
  void aForeignDirectoryStaysAsItIs() throws IOException {
    LocalSpark.session();
    Files.createDirectories(run);
    Files.writeString(run.resolve("thesis.tex"), "x");
    Called refused =
        submitted("id", "run", CONF, "--run", run, "--base-url", "http://127.0.0.1:1/v1");
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err())
        .contains("this directory holds other things")
        .contains("the outcome of id is not left in the run's directory (");
    assertThat(run).isDirectoryContaining("glob:**thesis.tex");
    assertThat(run.resolve("_outcomes")).doesNotExist();
    assertThat(asked("id").code()).isEqualTo(1);
    assertThat(asked("id").err()).contains("the driver of id ended without a word");
  }

  private void leave(String invocation, ExitCode code, String line, String text, long second) {
    Outcome.leave(
        run.toString(),
        invocation,
        code.code(),
        line,
        text,
        Clock.fixed(Instant.ofEpochSecond(second), ZoneOffset.UTC));
  }

  @Test
  void theNewestTwentyAreKept() {
    for (int i = 0; i < 23; i++) {
      leave("id-" + i, ExitCode.DONE, "", "", 1_000 + i);
    }
    assertThat(directory().list("_outcomes"))
        .hasSize(20)
        .doesNotContain("id-0.json", "id-1.json", "id-2.json")
        .contains("id-3.json", "id-22.json");
  }

  @Test
  void anOutcomeIsWaitedForAndAStatusStandsForOneThatWasLost() {
    List<Integer> waits = new ArrayList<>();
    OutcomeSearch search =
        new OutcomeSearch(
            directory(),
            "late",
            () -> {
              waits.add(waits.size());
              if (waits.size() == 3) {
                leave("late", ExitCode.CAP_REACHED, "the cap is reached", "400 of 500\n", 7);
              }
            });
    assertThatThrownBy(
            () -> search.told(Duration.ofSeconds(2), new PrintWriter(new StringWriter())))
        .hasMessageContaining("the driver of late ended without a word")
        .extracting(e -> ((CriaException) e).exitCode())
        .isEqualTo(ExitCode.FAULT);
    StringWriter out = new StringWriter();
    assertThatThrownBy(() -> search.told(Duration.ofSeconds(9), new PrintWriter(out)))
        .hasMessage("the cap is reached")
        .extracting(e -> ((CriaException) e).exitCode())
        .isEqualTo(ExitCode.CAP_REACHED);
    assertThat(out).hasToString("400 of 500\n");
    assertThat(waits).hasSize(3);

    directory()
        .replace(
            "status.json",
            "{\"state\":\"failed\",\"exit_code\":5,\"reason\":\"no answer\",\"stage\":\"generate\","
                + "\"updated_at\":\"x\",\"counts\":{},\"invocation\":\"lost\"}");
    OutcomeSearch lost = new OutcomeSearch(directory(), "lost", () -> waits.add(waits.size()));
    assertThatThrownBy(() -> lost.told(Duration.ZERO, new PrintWriter(new StringWriter())))
        .hasMessage("no answer")
        .extracting(e -> ((CriaException) e).exitCode())
        .isEqualTo(ExitCode.ENDPOINT);
    assertThat(waits).as("its last words may still come").hasSize(6);
    assertThat(asked("other").code()).isEqualTo(1);
    assertThat(asked("../x").code()).isEqualTo(2);
    assertThat(Called.with("status", run, "--wait", "1").code()).isEqualTo(2);
  }
}
