package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.llm.LedgerRecord;
import io.cria.llm.fake.ScriptedServer;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.testing.FaultCase;
import io.cria.testing.LocalSpark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.SparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** However Spark cuts and repeats the work, what the ledger answers is asked of nobody again. */
class AskedOnceTest {
  private static final int IN_FLIGHT = 3;

  @TempDir Path folder;

  private final WatchedModel model = new WatchedModel();

  private LineRun line(ScriptedServer server) {
    return LineRun.of(folder.resolve("run"), "self-instruct", server.baseUrl())
        .with("target", "16")
        .with("rounds.size", "8")
        .with("limits.inFlight", String.valueOf(IN_FLIGHT));
  }

  @Test
  @FaultCase(25)
  void withSpeculationNothingIsAsked() throws IOException {
    SparkContext spark = LocalSpark.session().sparkContext();
    try (ScriptedServer server = ScriptedServer.start(model)) {
      spark.conf().set("spark.speculation", "true");
      assertThatThrownBy(() -> line(server).go())
          .isInstanceOfSatisfying(
              CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
          .hasMessage("spark.speculation: a copy of a paid task pays again: set it to false");
      assertThat(server.calls()).isEmpty();
    } finally {
      spark.conf().remove("spark.speculation");
    }
  }

  @Test
  @FaultCase(24)
  void inOtherPartitionsAndWithTasksTriedAgainNoAnsweredRequestIsAskedAgain() throws IOException {
    SparkContext spark = LocalSpark.session().sparkContext();
    PaidTasks tasks = new PaidTasks();
    try (ScriptedServer server = ScriptedServer.start(model)) {
      LineRun run = line(server).with("parallelism", "2").with("caps.requests", "20");
      assertThatThrownBy(run::go).hasMessageContaining("caps.requests");
      Set<String> before = answered(run);
      assertThat(before).as("answered before").hasSizeGreaterThan(10);
      int callsBefore = model.asked().size();

      spark.addSparkListener(tasks);
      model.at("instances", 6, () -> tasks.killAll(spark));
      assertThat(run.with("parallelism", "5").with("caps.requests", "100000").go()).isTrue();

      assertThat(tasks.attempts()).as("a task was tried again").isGreaterThan(0);
      assertThat(model.asked()).hasSizeGreaterThan(callsBefore);
      List<LedgerRecord> terminal =
          run.ledger().stream().filter(record -> record.outcome().isTerminal()).toList();
      assertThat(terminal).extracting(LedgerRecord::requestKey).doesNotHaveDuplicates();
      assertThat(terminal).extracting(LedgerRecord::requestKey).containsAll(before);
      int twice = model.bought().values().stream().mapToInt(times -> times - 1).sum();
      assertThat(twice).as("bought twice: in flight when killed").isLessThanOrEqualTo(IN_FLIGHT);
    } finally {
      spark.removeSparkListener(tasks);
    }
  }

  private static Set<String> answered(LineRun run) {
    return run.ledger().stream()
        .filter(record -> record.outcome().isTerminal())
        .map(LedgerRecord::requestKey)
        .collect(Collectors.toSet());
  }
}
