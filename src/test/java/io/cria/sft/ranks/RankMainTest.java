package io.cria.sft.ranks;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.sft.CheckpointCard;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ranks as processes of their own, and how they end when one of them does not go on. */
final class RankMainTest {
  private static final Map<String, String> SHORT = Map.of("training.maxSteps", "6");
  private static final Map<String, String> LONG = Map.of("training.epochs", "100000");
  private static final int PATIENT = 20;
  private static final int BRISK = 3;

  @TempDir Path folder;
  private RankProcesses.Setting setting;

  @BeforeEach
  void writeModelAndShards() throws IOException {
    setting = RankProcesses.Setting.tiny(folder, 24);
  }

  @Test
  void twoRanksTrainAndRankZeroHasTheResult() throws IOException {
    try (RankProcesses ranks = RankProcesses.start(setting, "two", 2, PATIENT, SHORT)) {
      RankEvent.End first = ranks.get(0).awaitEnd();
      RankEvent.End second = ranks.get(1).awaitEnd();
      assertThat(first.message()).isEmpty();
      assertThat(first).isEqualTo(second);
      assertThat(first.code()).isZero();
      assertThat(first.finished()).isTrue();
      assertThat(first.steps()).isEqualTo(6);
      assertThat(first.totalSteps()).isEqualTo(6);
      assertThat(first.evalAfter()).isLessThan(first.evalBefore());
      assertThat(List.of(ranks.get(0).awaitExit(), ranks.get(1).awaitExit())).containsExactly(0, 0);
      ranks
          .get(0)
          .await(
              RankEvent.Metrics.class,
              event -> event.line().path("step").asInt() == 6 && event.line().has("loss"));
      ranks.get(0).await(RankEvent.Checkpoint.class, event -> event.step() == 6);
      assertThat(
              ranks
                  .get(0)
                  .await(RankEvent.Message.class, event -> event.text().startsWith("training"))
                  .text())
          .contains("2 ranks of 1 worker");
      assertThat(ranks.get(1).printed()).contains("rank 1: step 6/6");
    }
    Path output = setting.output("two", 0);
    assertThat(output.resolve("adapter").resolve(CheckpointCard.FILE))
        .content()
        .contains("the model");
    assertThat(output.resolve("adapter/adapter_config.json")).content().contains("\"the model\"");
    assertThat(output.resolve("model/model.safetensors")).exists();
    assertThat(setting.output("two", 1).resolve("checkpoints")).doesNotExist();
    assertThat(setting.output("two", 1).resolve("adapter")).doesNotExist();
    assertThat(setting.output("two", 1).resolve("metrics.jsonl")).doesNotExist();
  }

  /** As processes each rank has a generator of its own. */
  @Test
  void ranksDropTheSameInTheSameTraining() throws IOException {
    Map<String, String> dropping = Map.of("training.maxSteps", "6", "training.lora.dropout", "0.3");
    List<String> names = List.of("once", "twice");
    for (String name : names) {
      try (RankProcesses ranks = RankProcesses.start(setting, name, 2, PATIENT, dropping)) {
        assertThat(ranks.get(0).awaitEnd().message()).isEmpty();
        assertThat(ranks.get(1).awaitExit()).isZero();
      }
    }
    assertThat(adapter("twice")).hasSameBinaryContentAs(adapter("once"));
  }

  private Path adapter(String name) {
    return setting.output(name, 0).resolve("adapter/adapter_model.safetensors");
  }

  @Test
  void theRanksOfAHostWriteTheBaseOnceWhereItMustBeWritten() throws IOException {
    Path prepared = folder.resolve("cache/prepared");
    try (RankProcesses ranks =
        RankProcesses.prepare(
            setting,
            "shared",
            2,
            PATIENT,
            SHORT,
            job -> changed(job, job.shards(), job.output(), prepared.toString()))) {
      ranks.go();
      for (RankProcess rank : ranks.all()) {
        assertThat(rank.awaitEnd().message()).isEmpty();
        assertThat(rank.awaitExit()).isZero();
      }
    }
    assertThat(prepared.resolve("model.safetensors")).exists();
    assertThat(prepared.resolveSibling("prepared.partial")).doesNotExist();
    for (int rank = 0; rank < 2; rank++) {
      assertThat(setting.output("shared", rank).resolve("base")).doesNotExist();
    }
  }

  @Test
  void aTrainingThatGaveUpSaysThatASecondTryIsInVain() throws IOException {
    // two batches of other losses, and none may be above the one before
    Map<String, String> hopeless =
        Map.of(
            "training.batchRows",
            "1",
            "training.optimizer.learningRate",
            "1.0e-9",
            "training.guards",
            "{spikeFactor: 1.00001, spikeWindow: 1, maxSkipped: 0}");
    try (RankProcesses ranks = RankProcesses.start(setting, "hopeless", 2, PATIENT, hopeless)) {
      for (RankProcess rank : ranks.all()) {
        RankEvent.End end = rank.awaitEnd();
        assertThat(end.message()).contains(" steps in a row were skipped (spike");
        assertThat(end.code()).isEqualTo(1);
        assertThat(end.again()).isFalse();
      }
    }
  }

  @Test
  void aKilledRankIsNamedByTheOthersWhichEnd() throws IOException {
    try (RankProcesses ranks = RankProcesses.start(setting, "killed", 3, BRISK, LONG)) {
      awaitSteps(ranks, 2);
      signal(ranks.get(1), "KILL");
      for (int rank : new int[] {0, 2}) {
        assertLost(ranks.get(rank), 1, "rank 1 on 127.0.0.1 was lost (its connection ");
      }
    }
  }

  @Test
  void aKilledRankZeroIsNamedByTheOthersWhichEnd() throws IOException {
    try (RankProcesses ranks = RankProcesses.start(setting, "killed", 2, BRISK, LONG)) {
      awaitSteps(ranks, 2);
      signal(ranks.get(0), "KILL");
      assertLost(ranks.get(1), 0, "rank 0 on 127.0.0.1 was lost (its connection ");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aRankThatHangsIsNamedByTheOtherWhichEnds(int hanging) throws IOException {
    try (RankProcesses ranks = RankProcesses.start(setting, "hanging", 2, BRISK, LONG)) {
      awaitSteps(ranks, 2);
      signal(ranks.get(hanging), "STOP");
      assertLost(
          ranks.get(1 - hanging),
          hanging,
          "rank " + hanging + " on 127.0.0.1 was lost (no sign of it for 3 s)");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aRankThatFailsTellsAllWhyAndWithWhichCode(int failing) throws IOException {
    Path other = RankProcesses.Setting.tiny(folder.resolve("other"), 30).shards();
    try (RankProcesses ranks =
        RankProcesses.prepare(
            setting,
            "failing",
            2,
            PATIENT,
            SHORT,
            job -> job.rank() == failing ? withShards(job, other) : job)) {
      ranks.go();
      String who = "rank 1 on 127.0.0.1: rank 1 has another train (the data) than rank 0";
      for (RankProcess rank : ranks.all()) {
        RankEvent.End end = rank.awaitEnd();
        assertThat(end.message()).startsWith(who).endsWith("shards and settings");
        assertThat(end.code()).isEqualTo(2);
        assertThat(end.lost()).isEqualTo(-1);
        assertThat(rank.awaitExit()).isEqualTo(2);
      }
    }
  }

  @Test
  void aCheckpointOfAnotherConfigurationIsRefusedByAll() throws IOException {
    try (RankProcesses ranks = RankProcesses.start(setting, "run", 2, PATIENT, SHORT)) {
      assertThat(ranks.get(0).awaitExit()).isZero();
    }
    Map<String, String> changed = Map.of("training.maxSteps", "7");
    try (RankProcesses ranks = RankProcesses.start(setting, "run", 2, PATIENT, changed)) {
      for (RankProcess rank : ranks.all()) {
        RankEvent.End end = rank.awaitEnd();
        assertThat(end.message()).contains("is of another configuration (maxSteps was 6, is 7)");
        assertThat(end.code()).isEqualTo(6);
        assertThat(end.lost()).isEqualTo(-1);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0,command", "1,command", "1,TERM"})
  void anyRankMayBeAskedToStopAndAllGoOnLater(int asked, String how) throws IOException {
    try (RankProcesses ranks = RankProcesses.start(setting, "stopped", 2, PATIENT, LONG)) {
      awaitSteps(ranks, 2);
      if (how.equals("command")) {
        ranks.get(asked).send(new RankCommand.Stop());
      } else {
        signal(ranks.get(asked), how);
      }
      RankEvent.End first = ranks.get(0).awaitEnd();
      assertThat(first).isEqualTo(ranks.get(1).awaitEnd());
      assertThat(first.code()).isEqualTo(3);
      assertThat(first.finished()).isFalse();
      ranks.get(0).await(RankEvent.Checkpoint.class, event -> event.step() == first.steps());
      assertThat(ranks.get(0).awaitExit()).isEqualTo(3);
      assertThat(ranks.get(1).awaitExit()).isEqualTo(3);
    }
  }

  @Test
  void aRankWhoseParentIsGoneEnds() throws IOException {
    try (RankProcesses ranks = RankProcesses.prepare(setting, "orphan", 1, PATIENT, SHORT)) {
      ranks.get(0).awaitReady();
      ranks.get(0).hangUp();
      assertThat(ranks.get(0).awaitExit()).isEqualTo(1);
      assertThat(ranks.get(0).printed()).contains("the parent process is gone");
    }
  }

  @Test
  void aCheckpointStaysUntilTheParentHasKeptIt() throws IOException {
    RankJob job = setting.job("kept", 0, 1, PATIENT, Map.of("training.maxSteps", "12"));
    try (RankProcess rank = RankProcess.start(folder.resolve("kept-jobs"), job, false)) {
      rank.awaitReady();
      rank.send(new RankCommand.Go("127.0.0.1", 0, 0, List.of("127.0.0.1")));
      Path checkpoints = Path.of(job.output()).resolve("checkpoints");
      rank.await(RankEvent.Checkpoint.class, event -> event.step() == 5);
      rank.await(RankEvent.Metrics.class, event -> event.line().path("step").asInt() == 10);
      assertThat(checkpoints.resolve("step-00000010")).doesNotExist();
      rank.send(new RankCommand.Kept(5));
      rank.await(RankEvent.Checkpoint.class, event -> event.step() == 10);
      rank.send(new RankCommand.Kept(10));
      rank.await(RankEvent.Checkpoint.class, event -> event.step() == 12);
      rank.send(new RankCommand.Kept(12));
      assertThat(rank.awaitEnd().code()).isZero();
    }
  }

  @Test
  void aRankThatDoesNotComeIsNamed() throws IOException {
    try (RankProcesses ranks = RankProcesses.prepare(setting, "absent", 2, BRISK, SHORT)) {
      RankEvent.Ready first = ranks.get(0).awaitReady();
      ranks
          .get(0)
          .send(
              new RankCommand.Go(
                  "127.0.0.1", port(first.store()), port(first.beats()), List.of("here", "there")));
      assertLost(ranks.get(0), 1, "rank 1 on there did not connect within 3 s");
    }
  }

  @Test
  void aRankZeroThatIsNotReachedIsNamedWithItsPlaceAndTheTime() throws IOException {
    try (RankProcesses ranks = RankProcesses.prepare(setting, "far", 2, BRISK, SHORT)) {
      ranks.get(1).awaitReady();
      int nobody;
      try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        nobody = socket.getLocalPort();
      }
      ranks.get(1).send(new RankCommand.Go("127.0.0.1", nobody, nobody, List.of("here", "there")));
      assertLost(ranks.get(1), 0, "rank 0 is not reached at 127.0.0.1:" + nobody + " within 3 s (");
    }
  }

  private static int port(@Nullable Integer port) {
    return Objects.requireNonNull(port);
  }

  private static RankJob withShards(RankJob job, Path shards) {
    return changed(job, shards.toString(), job.output(), null);
  }

  private static RankJob changed(
      RankJob job, String shards, String output, @Nullable String prepared) {
    return new RankJob(
        job.conf(),
        job.overrides(),
        job.base(),
        job.baseName(),
        shards,
        output,
        job.rank(),
        job.size(),
        job.host(),
        job.silentSeconds(),
        prepared);
  }

  private static void awaitSteps(RankProcesses ranks, int steps) {
    ranks
        .get(0)
        .await(RankEvent.Metrics.class, event -> event.line().path("step").asInt() >= steps);
  }

  private static void assertLost(RankProcess rank, int lost, String message) {
    RankEvent.End end = rank.awaitEnd();
    assertThat(end.message()).startsWith(message);
    assertThat(end.lost()).isEqualTo(lost);
    assertThat(end.code()).isEqualTo(1);
    assertThat(end.again()).isTrue();
    assertThat(end.finished()).isFalse();
    assertThat(rank.awaitExit()).isEqualTo(1);
    assertThat(rank.printed()).contains("cria: " + message);
  }

  private static void signal(RankProcess rank, String signal) throws IOException {
    Process kill = new ProcessBuilder("kill", "-" + signal, String.valueOf(rank.pid())).start();
    assertThat(kill.onExit().join().exitValue()).isZero();
  }
}
