package io.cria.storage;

import static io.cria.storage.LockRecords.dead;
import static io.cria.storage.LockRecords.far;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Who gets a run, and who is refused. */
class LockTakingTest {
  private static final Instant START = HandClock.START;

  @TempDir Path folder;

  private final HandClock clock = new HandClock();
  private Runnable watch = () -> {};
  private RunDirectory run = RunDirectory.at("unset", new Configuration());

  @BeforeEach
  void makeRun() {
    run = RunDirectory.at(folder.resolve("run").toString(), new Configuration());
  }

  private RunLock acquire() {
    return RunLock.acquire(run, clock, watch);
  }

  private void holds(long epoch, LockRecord record) {
    new LockFiles(run).rewrite(epoch, record);
  }

  private void stands(long epoch, String text) {
    run.replace(RunLock.FILE + "/" + epoch, text);
  }

  private static String epochFile(long epoch) {
    return RunLock.FILE + "/" + epoch;
  }

  @Test
  void aSecondDriverOfALivingProcessIsRefusedHoweverOldTheHeartbeat() {
    try (RunLock lock = acquire()) {
      clock.advance(Duration.ofHours(30));
      assertThatThrownBy(() -> acquire())
          .isInstanceOfSatisfying(
              CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.RUN_REFUSED))
          .hasMessageContaining("another driver holds this run")
          .hasMessageContaining("last sign of life 2024-05-01T12:00:00Z")
          .hasMessageContaining("wait for it, or end it first");
      lock.requireHeld();
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aDeadProcessOfThisMachineIsNotWaitedFor() {
    watch = () -> fail("its end is seen at once");
    holds(1, dead(""));
    try (RunLock lock = acquire()) {
      assertThat(lock.epoch()).isEqualTo(2);
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aProcessIdThatWasGivenAgainIsNotItsOldProcess() {
    holds(1, dead("7"));
    try (RunLock lock = acquire()) {
      assertThat(lock.epoch()).isEqualTo(2);
    }
  }

  @Test
  void aDriverOnAnotherHostIsTrustedForAMinute() {
    holds(4, far(START));
    clock.advance(Duration.ofSeconds(59));
    assertThatThrownBy(() -> acquire()).hasMessageContaining("host far-away");

    clock.advance(Duration.ofSeconds(1));
    try (RunLock lock = acquire()) {
      lock.requireHeld();
      assertThat(lock.epoch()).isEqualTo(5);
    }
  }

  @Test
  void aTornLockIsNobodys() {
    stands(1, "{\"owner\" : \"oth");
    try (RunLock lock = acquire()) {
      lock.requireHeld();
      assertThat(lock.epoch()).isEqualTo(2);
    }
  }

  @Test
  void aLockThatLacksWhatBelongsInItIsNobodys() {
    for (String text : List.of("", "null", "{}", Json.write(far(START)).replace("2024", "long "))) {
      stands(1, text);
      try (RunLock lock = acquire()) {
        assertThat(lock.epoch()).as(text).isEqualTo(2);
      }
      run.delete(RunLock.FILE);
    }
  }

  @Test
  void aLockThatIsBeingWrittenIsItsWriters() {
    stands(1, "{\"owner\" : ");
    watch = () -> holds(1, far(START));
    assertThatThrownBy(() -> acquire()).hasMessageContaining("host far-away");
  }

  @Test
  void aLockThatIsWrittenAgainAndAgainIsContended() {
    stands(1, "{");
    watch = () -> stands(1, run.text(epochFile(1)).orElse("") + " ");
    assertThatThrownBy(() -> acquire())
        .isInstanceOfSatisfying(
            CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.RUN_REFUSED))
        .hasMessageContaining("the lock is contended");
  }

  @Test
  void whoBeginsAnEpochThatOthersLeftBehindHoldsNothing() {
    run = ScriptedFiles.at(folder);
    holds(1, far(START).releasedAt(START));
    ScriptedFiles.beforeCreation =
        () -> {
          holds(3, far(START));
          run.delete("_lock/1");
        };
    assertThatThrownBy(() -> acquire()).hasMessageContaining("host far-away");
  }

  @Test
  void whoIsBeatenToAnEpochSeesItsHolder() {
    run = ScriptedFiles.at(folder);
    ScriptedFiles.beforeCreation = () -> holds(1, far(START));
    assertThatThrownBy(() -> acquire()).hasMessageContaining("host far-away");
  }

  @Test
  void aLockThatTheDiskHadNoRoomForDoesNotLockTheRun() {
    run = ScriptedFiles.at(folder);
    ScriptedFiles.torn = Optional.of("");
    assertThatThrownBy(() -> acquire()).hasMessageContaining("no space left");
    assertThat(run.text("_lock/1")).contains("");
    assertThat(RunLock.holder(run, clock)).isEmpty();

    ScriptedFiles.torn = Optional.of("{\"owner\"");
    try (RunLock lock = acquire()) {
      assertThat(lock.epoch()).isEqualTo(3);
    }
  }

  @Test
  void aClockThatIsAheadDoesNotTakeTheRunFromALivingDriver() {
    clock.advance(Duration.ofHours(1));
    aLivingDriverKeepsTheRun();
  }

  @Test
  void aClockThatIsBehindDoesNotTakeTheRunFromALivingDriver() {
    clock.advance(Duration.ofHours(-1));
    aLivingDriverKeepsTheRun();
  }

  private void aLivingDriverKeepsTheRun() {
    holds(1, far(START));
    Instant[] next = {START};
    watch =
        () -> {
          next[0] = next[0].plusSeconds(10);
          holds(1, far(next[0]));
        };
    assertThatThrownBy(this::acquire).hasMessageContaining("host far-away");
  }

  @Test
  void aClockThatIsBehindDoesNotKeepADeadDriversRun() {
    holds(1, far(START));
    clock.advance(Duration.ofHours(-1));
    int[] watched = {0};
    watch = () -> watched[0]++;
    try (RunLock lock = acquire()) {
      assertThat(lock.epoch()).isEqualTo(2);
      assertThat(watched[0]).as("two and a half heartbeats").isEqualTo(5);
    }
  }

  @Test
  void aRunGivenBackWhileItIsWatchedIsTaken() {
    holds(1, far(START));
    clock.advance(Duration.ofHours(1));
    watch = () -> holds(1, far(START).releasedAt(START));
    try (RunLock lock = acquire()) {
      assertThat(lock.epoch()).isEqualTo(2);
    }
  }

  @Test
  void aRunTakenOverWhileItIsWatchedIsItsNewHolders() {
    holds(1, far(START));
    clock.advance(Duration.ofHours(1));
    watch = () -> holds(2, far(clock.instant()));
    assertThatThrownBy(() -> acquire())
        .hasMessageContaining("last sign of life 2024-05-01T13:00:00Z");
  }

  @Test
  void aLockOfFormatOneIsRefusedByName() {
    run.replace(RunLock.FILE, "{}");
    assertThatThrownBy(() -> acquire())
        .isInstanceOfSatisfying(
            CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.RUN_REFUSED))
        .hasMessageContaining("is of format 1, which Cria 0.1.0 reads");
  }

  @Test
  void anythingElseInTheLocksDirectoryIsNoEpoch() {
    run.replace("_lock/.nfs0001", "x");
    run.replace("_lock/07", "x");
    run.replace("_lock/99999999999999999999", "x");
    try (RunLock lock = acquire()) {
      assertThat(lock.epoch()).isOne();
    }
  }
}
