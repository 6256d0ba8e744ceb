package io.cria.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.storage.RunDirectory;
import io.cria.storage.RunLock;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.testing.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong with ranks, their checkpoints and their hosts; in local mode. */
class TrainingFaultTest {
  private static final String ADAPTER = "adapter/adapter_model.safetensors";

  @TempDir static Path undisturbed;
  @TempDir Path folder;

  private static String wanted = "";
  private ShardedRun run;

  @BeforeAll
  static void trainUndisturbed() throws IOException {
    ShardedRun alone = ShardedRun.create(undisturbed);
    alone.train("tuned", 1);
    wanted = alone.text("tuned", ADAPTER);
  }

  @BeforeEach
  void makeARun() throws IOException {
    run = ShardedRun.create(folder);
  }

  private static void fails(ThrowingCallable work, ExitCode code, String... words) {
    assertThatThrownBy(work)
        .isInstanceOfSatisfying(CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(code))
        .message()
        .contains(words)
        .doesNotContain("\n");
  }

  @Test
  void aKilledRankIsStartedAgainFromTheLastCheckpoint() throws IOException {
    run.fault("die", 7, 1);
    assertThat(run.train("tuned", 2).code()).isEqualTo(ExitCode.DONE);
    assertThat(run.text("tuned", ADAPTER)).isEqualTo(wanted);
    assertThat(run.starts()).hasSize(4);
    assertThat(run.notes())
        .anyMatch(note -> note.contains("going on from step-00000005"))
        .anyMatch(note -> note.endsWith("the ranks start again from the last checkpoint"));
    assertThat(run.text("tuned", "metrics.jsonl").lines()).hasSize(12);
  }

  @Test
  void aHangingRankIsEndedWithTheOthers() throws IOException {
    run.fault("hang", 7, 1);
    assertThat(run.train("tuned", 2).code()).isEqualTo(ExitCode.DONE);
    assertThat(run.text("tuned", ADAPTER)).isEqualTo(wanted);
    assertThat(run.notes()).anyMatch(note -> note.contains("rank 1 on 127.0.0.1 is lost"));
    for (String start : run.starts()) {
      long pid = Long.parseLong(start.split(" ")[3]);
      assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
    }
  }

  @Test
  void whatNoFurtherAttemptMendsIsNotTriedAgain() throws IOException {
    run.fault("refuse", 0, 1);
    fails(
        () -> run.train("tuned", 2),
        ExitCode.BAD_INPUT,
        "rank 1 on",
        "no device cuda here: set training.device to cpu");
    assertThat(run.starts()).hasSize(2);
    assertThat(run.text("tuned", "status.json")).contains("\"exit_code\" : 2", "no device cuda");
  }

  @Test
  void badInputFoundOnTheWayEndsTheTraining() {
    run.fault("bad", 3, 0);
    fails(() -> run.train("tuned", 1), ExitCode.BAD_INPUT, "row 7 has token 999");
  }

  @Test
  void aFaultThatWouldComeAgainIsNotTriedAgain() throws IOException {
    run.fault("full", 7, 0);
    fails(() -> run.train("tuned", 1), ExitCode.FAULT, "the disk is full");
    assertThat(run.starts()).hasSize(1);
    assertThat(run.text("tuned", "status.json")).contains("\"exit_code\" : 1");
    assertThat(run.train("tuned", 1).code()).as("the same command").isEqualTo(ExitCode.DONE);
    assertThat(run.text("tuned", ADAPTER)).isEqualTo(wanted);
  }

  @Test
  void aStoreThatIsAwayForAWhileIsWaitedFor() throws IOException {
    LocalSpark.session()
        .sparkContext()
        .hadoopConfiguration()
        .set("fs.flaky.impl", FlakyFiles.class.getName());
    run.onStore("flaky://");
    // more often than any failure is tried again
    FlakyFiles.failNext("/checkpoints/step-00000005/", 4);
    assertThat(run.train("tuned", 1).code()).isEqualTo(ExitCode.DONE);
    assertThat(run.text("tuned", ADAPTER)).isEqualTo(wanted);
    assertThat(run.starts()).as("the same attempt").hasSize(1);
    assertThat(run.notes())
        .anyMatch(note -> note.contains("step-00000005 cannot be published yet"));
  }

  @Test
  void otherNativesOnAHostAreRefused() {
    run.fault("torch", 0, 1);
    fails(
        () -> run.train("tuned", 2),
        ExitCode.BAD_INPUT,
        "other versions of libtorch",
        "2.10.0",
        "9.9.9");
  }

  @Test
  void ranksOnOtherKindsOfDeviceAreRefused() {
    run.fault("device", 0, 1);
    fails(
        () -> run.train("tuned", 2),
        ExitCode.BAD_INPUT,
        "other kinds of device",
        " cpu",
        " cuda",
        "cluster.gpusPerRank");
  }

  @Test
  void aProcessThatEndsWithoutAWordTellsItsLastOnes() throws IOException {
    run.fault("mute", 0, 0);
    assertThat(run.train("tuned", 1).code()).isEqualTo(ExitCode.DONE);
    assertThat(run.notes())
        .anyMatch(note -> note.contains("its process ended with code 9; its last words: pid "));
  }

  @Test
  void attemptsComeToAnEndAndTheSameCommandGoesOn() throws IOException {
    run.environment(FakeRank.FAULT, "die@7:0:" + folder.resolve("none").resolve("never"));
    fails(
        () -> run.train("tuned", 1),
        ExitCode.FAULT,
        "(Spark started the ranks 4 times)",
        "the same command goes on from the last checkpoint");
    run.environment(FakeRank.FAULT, "");
    assertThat(run.train("tuned", 1).code()).isEqualTo(ExitCode.DONE);
    assertThat(run.text("tuned", ADAPTER)).isEqualTo(wanted);
  }

  @Test
  void aStopSavesACheckpointAndTheSameCommandGoesOn() throws IOException {
    run.environment(FakeRank.STEP_MILLIS, "200");
    Path metrics = run.training("tuned").resolve("status.json");
    Training.Outcome stopped = run.train("tuned", 2, Map.of(), () -> Files.exists(metrics));
    assertThat(stopped.code()).isEqualTo(ExitCode.STOPPED);
    assertThat(stopped.steps()).isBetween(1, 11);
    assertThat(run.text("tuned", "status.json")).contains("\"state\" : \"stopped\"");
    assertThat(run.training("tuned").resolve("adapter")).doesNotExist();
    assertThat(run.run().resolve("metrics/name=tuned/part-00000.parquet")).exists();
    run.environment(FakeRank.STEP_MILLIS, "0");
    assertThat(run.train("tuned", 2).code()).isEqualTo(ExitCode.DONE);
    assertThat(run.text("tuned", ADAPTER)).isEqualTo(wanted);
  }

  @Test
  void tornCheckpointsAreNeverGoneOnFrom() throws IOException {
    run.environment(FakeRank.FAULT, "die@12:0:" + folder.resolve("none").resolve("never"));
    run.environment(FakeRank.STEPS, "13");
    fails(() -> run.train("tuned", 1), ExitCode.FAULT, "last checkpoint");
    Path checkpoints = run.training("tuned").resolve("checkpoints");
    Files.writeString(only(checkpoints.resolve("step-00000010")).resolve("state"), "10 other");
    Files.createDirectories(checkpoints.resolve("step-00000011"));
    Files.writeString(checkpoints.resolve("step-00000011").resolve("state"), "11 half");
    run.environment(FakeRank.FAULT, "");
    run.environment(FakeRank.STEPS, "12");
    assertThat(run.train("tuned", 1).code()).isEqualTo(ExitCode.DONE);
    assertThat(run.text("tuned", ADAPTER)).isEqualTo(wanted);
    assertThat(run.notes())
        .anyMatch(note -> note.contains("checkpoint step-00000010 cannot be read and is set aside"))
        .anyMatch(note -> note.contains("going on from step-00000005"));
  }

  @Test
  void withoutACheckpointThatCanBeReadNothingBeginsAnew() throws IOException {
    run.environment(FakeRank.FAULT, "die@7:0:" + folder.resolve("none").resolve("never"));
    fails(() -> run.train("tuned", 1), ExitCode.FAULT, "last checkpoint");
    run.environment(FakeRank.FAULT, "");
    Path state = only(run.training("tuned").resolve("checkpoints/step-00000005")).resolve("state");
    String whole = Files.readString(state);
    Files.writeString(state, whole.replace('a', 'b'));
    fails(() -> run.train("tuned", 2), ExitCode.RUN_REFUSED, "no checkpoint can be read");
    Files.writeString(state, whole);
    assertThat(run.train("tuned", 2).code()).isEqualTo(ExitCode.DONE);
    assertThat(run.text("tuned", ADAPTER)).isEqualTo(wanted);
    assertThat(run.notes()).anyMatch(note -> note.contains("going on from step-00000005"));
  }

  private static Path only(Path directory) throws IOException {
    assertThat(TrainingTest.names(directory)).hasSize(1);
    return directory.resolve(TrainingTest.names(directory).get(0));
  }

  @Test
  void aCheckpointThatCannotBePublishedEndsTheTraining() throws IOException {
    Path checkpoints = run.training("tuned").resolve("checkpoints");
    Files.createDirectories(run.training("tuned"));
    Files.writeString(checkpoints, "in the way");
    fails(() -> run.train("tuned", 1), ExitCode.BAD_INPUT, "checkpoints", "cannot be written");
    Files.delete(checkpoints);
    assertThat(run.train("tuned", 1).code()).isEqualTo(ExitCode.DONE);
    assertThat(run.text("tuned", ADAPTER)).isEqualTo(wanted);
  }

  @Test
  void tooFewSlotsAreToldWithTheirNumbers() {
    fails(
        () -> run.train("tuned", 3),
        ExitCode.BAD_INPUT,
        "too few slots: 3 ranks need 3 at once, of 1 core each",
        "have room for 2",
        "--ranks 2");
    assertThat(run.training("tuned").resolve("status.json")).content().contains("too few slots");
    // the name is bound to nothing yet
    assertThat(run.training("tuned").resolve("training.json")).doesNotExist();
  }

  @Test
  void oneDriverAtATimeHoldsATraining() {
    RunDirectory training =
        RunDirectory.at(
            run.training("tuned").toString(),
            LocalSpark.session().sparkContext().hadoopConfiguration());
    try (RunLock lock = RunLock.acquire(training, Clock.systemUTC())) {
      assertThat(lock.epoch()).isEqualTo(1);
      fails(() -> run.train("tuned", 1), ExitCode.RUN_REFUSED, "training/tuned");
    }
  }
}
