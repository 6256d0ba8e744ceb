package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.cria.llm.LedgerRecord;
import io.cria.llm.fake.ScriptedServer;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.testing.FaultCase;
import io.cria.testing.LocalSpark;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.SparkContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One and the same run however it goes: cut in partitions, killed, stopped, capped, its tasks tried
 * again. The reference goes through in one piece on one partition.
 */
class SameBytesTest {
  private static final String RECIPE = "self-instruct";
  private static final int IN_FLIGHT = 3;

  @TempDir static Path referenceFolder;

  private static final Map<String, List<String>> REFERENCE_TABLES = new HashMap<>();
  private static SortedMap<String, String> referenceDataset = new TreeMap<>();
  private static int referenceCalls;

  @TempDir Path folder;

  private WatchedModel model = new WatchedModel();
  private ScriptedServer server = ScriptedServer.start(model);

  @BeforeAll
  static void goThroughInOnePiece() throws IOException {
    WatchedModel model = new WatchedModel();
    try (ScriptedServer server = ScriptedServer.start(model)) {
      LineRun run = line(referenceFolder.resolve("run"), server).with("parallelism", "1");
      inShufflePartitions(1, run);
      for (String table : LineRun.TABLES) {
        REFERENCE_TABLES.put(table, run.rows(table));
        assertThat(run.rows(table)).as(table).isNotEmpty();
      }
      referenceDataset = run.dataset();
      referenceCalls = model.asked().size();
    }
  }

  @BeforeEach
  void startServer() {
    server = ScriptedServer.start(model);
  }

  @AfterEach
  void stopServer() throws IOException {
    server.close();
  }

  private static LineRun line(Path directory, ScriptedServer server) {
    return LineRun.of(directory, RECIPE, server.baseUrl())
        .with("target", "36")
        .with("rounds.size", "4")
        .with("limits.inFlight", String.valueOf(IN_FLIGHT));
  }

  private static void inShufflePartitions(int partitions, LineRun run) {
    var conf = LocalSpark.session().conf();
    String before = conf.get("spark.sql.shuffle.partitions");
    conf.set("spark.sql.shuffle.partitions", String.valueOf(partitions));
    try {
      run.go();
    } finally {
      conf.set("spark.sql.shuffle.partitions", before);
    }
  }

  private static void isTheReference(LineRun run) {
    for (String table : LineRun.TABLES) {
      assertThat(run.rows(table)).as(table).isEqualTo(REFERENCE_TABLES.get(table));
    }
    assertThat(run.dataset()).isEqualTo(referenceDataset);
  }

  /**
   * The files of the dataset alone. Its manifest goes back to answer ids, which count the attempts
   * that a killed driver made.
   */
  private static SortedMap<String, String> withoutManifest(SortedMap<String, String> dataset) {
    SortedMap<String, String> files = new TreeMap<>(dataset);
    assertThat(files.remove("_manifest.json")).isNotNull();
    return files;
  }

  @Test
  void sevenPartitionsGiveTheTablesAndBytesOfOne() {
    LineRun run = line(folder.resolve("run"), server).with("parallelism", "7");
    inShufflePartitions(7, run);
    isTheReference(run);
    assertThat(model.asked()).hasSize(referenceCalls);
  }

  @Test
  @FaultCase({20, 24})
  void aDriverKilledAgainAndAgainBuysNoCommittedAnswerTwice() throws Exception {
    LineRun run = line(folder.resolve("run"), server);
    List<Kill> kills =
        List.of(
            new Kill("generate", 8, "local[1]"),
            new Kill("classify", 11, "local[3,4]"),
            new Kill("instances", 20, "local[2]"));
    for (Kill kill : kills) {
      Driver driver = Driver.start(run, RECIPE, kill.master(), folder.resolve("log"));
      model.at(kill.stage(), kill.calls(), driver::kill);
      assertThat(driver.exitCode()).as(driver::output).isEqualTo(137);
      assertThat(model.acted()).isTrue();
      kill.committed().addAll(answered(run));
      kill.next().set(model.asked().size());
    }

    assertThat(run.go()).isTrue();

    for (Kill kill : kills) {
      List<WatchedModel.Asked> later = from(kill);
      assertThat(kill.committed()).as("%s: some answers were committed", kill).isNotEmpty();
      assertThat(later).noneMatch(call -> kill.committed().contains(call.prompt()));
    }
    int twice = model.bought().values().stream().mapToInt(times -> times - 1).sum();
    assertThat(twice).isLessThanOrEqualTo(IN_FLIGHT * kills.size());
    assertThat(withoutManifest(run.dataset())).isEqualTo(withoutManifest(referenceDataset));
    assertThat(run.go()).as("nothing is left to do").isFalse();
  }

  private List<WatchedModel.Asked> from(Kill kill) {
    List<WatchedModel.Asked> asked = model.asked();
    return asked.subList((int) kill.next().get(), asked.size());
  }

  /**
   * A moment to kill the driver at, and what stood in the ledger then.
   *
   * @param next number of calls that had come
   */
  private record Kill(
      String stage, int calls, String master, Set<String> committed, AtomicLong next) {
    Kill(String stage, int calls, String master) {
      this(stage, calls, master, new HashSet<>(), new AtomicLong());
    }

    @Override
    public String toString() {
      return stage + " call " + calls;
    }
  }

  /** Prompts of the requests that the ledger answers. */
  private static Set<String> answered(LineRun run) {
    Map<String, String> prompts = new HashMap<>();
    for (JsonNode request : run.trees("requests")) {
      prompts.put(
          request.path("request_key").textValue(),
          request.path("messages").path(1).path("content").textValue());
    }
    Set<String> answered = new HashSet<>();
    for (LedgerRecord record : run.ledger()) {
      if (record.outcome().isTerminal()) {
        answered.add(prompts.get(record.requestKey()));
      }
    }
    return answered;
  }

  @Test
  void aDriverAskedToEndDrainsAndGoesOnLater() throws Exception {
    LineRun run = line(folder.resolve("run"), server);
    Driver driver = Driver.start(run, RECIPE, "local[2]", folder.resolve("log"));
    model.at("classify", 5, driver::terminate);
    assertThat(driver.exitCode()).as(driver::output).isEqualTo(3);
    assertThat(driver.output()).contains("stopped on request");
    RunStatus status = run.status();
    assertThat(status.state()).isEqualTo("stopped");
    assertThat(status.exitCode()).isEqualTo(3);
    assertThat(run.lockHolder()).isEmpty();
    int bought = model.bought().size();
    assertThat(run.ledger().stream().filter(r -> Integer.valueOf(200).equals(r.httpStatus())))
        .as("every answer that was given is kept")
        .hasSize(bought);

    Driver again = Driver.start(run, RECIPE, "local[3]", folder.resolve("log"));
    assertThat(again.exitCode()).as(again::output).isZero();

    assertThat(model.bought().values()).containsOnly(1);
    isTheReference(run);
    theKeyStandsNowhere();
  }

  /** It was sent, and is in no file of the run nor in what the drivers said. */
  private void theKeyStandsNowhere() throws IOException {
    assertThat(server.calls())
        .allMatch(call -> ("Bearer " + Driver.KEY).equals(call.headers().get("authorization")));
    for (Path file : LineRun.files(folder)) {
      assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
          .as("%s", file)
          .doesNotContain(Driver.KEY);
    }
  }

  @Test
  void aCapEndsTheRunAndAHigherOneGoesOn() {
    LineRun run = line(folder.resolve("run"), server).with("parallelism", "2");
    for (int cap : new int[] {3, 20, 40}) {
      run.with("caps.requests", String.valueOf(cap));
      assertThatThrownBy(run::go)
          .isInstanceOfSatisfying(
              CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.CAP_REACHED))
          .hasMessageContaining("caps.requests");
      assertThat(run.status().state()).isEqualTo("capped");
      assertThat(run.status().exitCode()).isEqualTo(4);
      assertThat(model.asked()).hasSizeLessThanOrEqualTo(cap);
    }
    run.with("caps.requests", "100000");
    assertThat(run.go()).isTrue();
    assertThat(model.asked()).hasSize(referenceCalls);
    isTheReference(run);
  }

  @Test
  @FaultCase(24)
  void aTaskThatSparkTriesAgainAsksOnlyWhatIsLeft() {
    SparkContext spark = LocalSpark.session().sparkContext();
    PaidTasks tasks = new PaidTasks();
    spark.addSparkListener(tasks);
    try {
      LineRun run = line(folder.resolve("run"), server).with("parallelism", "2");
      model.at("instances", 14, () -> tasks.killAll(spark));
      assertThat(run.go()).isTrue();
      assertThat(model.acted()).isTrue();
      assertThat(tasks.attempts()).as("a task was tried again").isGreaterThan(0);
      int twice = model.bought().values().stream().mapToInt(times -> times - 1).sum();
      assertThat(twice).isLessThanOrEqualTo(IN_FLIGHT);
      assertThat(withoutManifest(run.dataset())).isEqualTo(withoutManifest(referenceDataset));
    } finally {
      spark.removeSparkListener(tasks);
    }
  }
}
