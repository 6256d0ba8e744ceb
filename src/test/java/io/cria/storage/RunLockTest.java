package io.cria.storage;

import static io.cria.storage.LockRecords.dead;
import static io.cria.storage.LockRecords.far;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.apache.hadoop.conf.Configuration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLockTest {
  private static final Instant START = HandClock.START;

  @TempDir Path folder;

  private final HandClock clock = new HandClock();
  private RunDirectory run = RunDirectory.at("unset", new Configuration());

  @BeforeEach
  void makeRun() {
    run = RunDirectory.at(folder.resolve("run").toString(), new Configuration());
  }

  private RunLock acquire() {
    return RunLock.acquire(run, clock, () -> {});
  }

  private void holds(long epoch, LockRecord record) {
    new LockFiles(run).rewrite(epoch, record);
  }

  private void takenOver(ThrowingCallable work) {
    assertThatThrownBy(work)
        .isInstanceOfSatisfying(
            CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.RUN_REFUSED))
        .hasMessageContaining("another driver took this run over");
  }

  @Test
  void aReleaseStaysAsTheEpochsLastWord() {
    try (RunLock lock = acquire()) {
      lock.requireHeld();
      clock.advance(Duration.ofSeconds(5));
    }
    assertThat(run.text("_lock/1").flatMap(LockRecord::parse))
        .hasValueSatisfying(
            record -> {
              assertThat(record.released()).isTrue();
              assertThat(record.lastSign()).isEqualTo("2024-05-01T12:00:05Z");
              assertThat(record.pid()).isEqualTo(ProcessHandle.current().pid());
            });
    assertThat(RunLock.holder(run, clock)).isEmpty();
  }

  @Test
  void epochsGrowWhoeverComesAndOnlyTheLastIsKept() {
    for (long epoch = 1; epoch <= 11; epoch++) {
      try (RunLock lock = acquire()) {
        assertThat(lock.epoch()).isEqualTo(epoch);
        assertThat(run.list(RunLock.FILE)).containsExactly(Long.toString(epoch));
      }
    }
    holds(12, dead(""));
    try (RunLock lock = acquire()) {
      assertThat(lock.epoch()).isEqualTo(13);
    }
    assertThat(run.list(RunLock.FILE)).containsExactly("13");
  }

  @Test
  void aLockTakenOverIsNoticedAndLeftToItsNewHolder() {
    try (RunLock lock = acquire()) {
      holds(2, far(START));
      takenOver(lock::requireHeld);
      assertThat(lock.isLost()).isTrue();
    }
    assertThat(run.text("_lock/2")).contains(Json.write(far(START)));
    assertThat(run.text("_lock/1")).hasValueSatisfying(t -> assertThat(t).contains(": false"));
  }

  @Test
  void aDriverThatSleptThroughATakeoverBringsNothingBack() {
    try (RunLock asleep = acquire()) {
      clock.advance(RunLock.EXPIRY.plusSeconds(1));
      holds(2, far(clock.instant()));
      run.delete("_lock/1");

      asleep.beat();
      assertThat(run.list(RunLock.FILE)).containsExactly("2");
      takenOver(asleep::requireHeld);
    }
    assertThat(run.list(RunLock.FILE)).containsExactly("2");
  }

  @Test
  void aTakeoverThatHasEndedIsATakeover() {
    try (RunLock asleep = acquire()) {
      holds(2, far(START).releasedAt(START));
      assertThat(RunLock.isHeldByAnother(run, asleep.epoch())).isTrue();
      takenOver(asleep::requireHeld);
    }
  }

  @Test
  void aLockThatSomebodyRemovedStaysRemoved() {
    try (RunLock lock = acquire()) {
      run.delete(RunLock.FILE);
      lock.beat();
      assertThat(run.exists(RunLock.FILE)).isFalse();
      takenOver(lock::requireHeld);
    }
    assertThat(run.exists(RunLock.FILE)).isFalse();
  }

  @Test
  void aLowerEpochThatCameBackSaysNothing() {
    holds(6, far(START).releasedAt(START));
    try (RunLock lock = acquire()) {
      holds(5, far(START));
      lock.requireHeld();
      assertThat(RunLock.isHeldByAnother(run, lock.epoch())).isFalse();
      assertThat(RunLock.holder(run, clock).map(RunLock.Holder::epoch)).contains(7L);
    }
    try (RunLock lock = acquire()) {
      assertThat(lock.epoch()).isEqualTo(8);
      assertThat(run.list(RunLock.FILE)).containsExactly("8");
    }
  }

  @Test
  void aDriverThatWasAsleepGoesOnWhenNobodyTookOver() {
    try (RunLock lock = acquire()) {
      clock.advance(RunLock.EXPIRY.plusSeconds(1));
      lock.requireHeld();
      assertThat(run.text("_lock/1"))
          .hasValueSatisfying(text -> assertThat(text).contains("12:01:01"));
      assertThat(lock.isLost()).isFalse();
    }
  }

  @Test
  void executorsSeeWhetherTheRunWentOn() {
    assertThat(RunLock.isHeldByAnother(run, 0)).isFalse();
    try (RunLock lock = acquire()) {
      assertThat(RunLock.isHeldByAnother(run, lock.epoch())).isFalse();
      assertThat(RunLock.isHeldByAnother(run, lock.epoch() - 1)).isTrue();
    }
    assertThat(RunLock.isHeldByAnother(run, 1)).isFalse();
  }

  @Test
  void aStoreThatIsAwayHasTakenNothingOver() {
    run = ScriptedFiles.at(folder);
    try (RunLock lock = acquire()) {
      ScriptedFiles.listingFails = true;
      assertThatThrownBy(() -> RunLock.isHeldByAnother(run, 1))
          .isInstanceOf(CriaException.class)
          .hasMessageContaining("cannot be read (the store is away): look");
      assertThatThrownBy(lock::requireHeld).hasMessageContaining("the store is away");
      assertThat(lock.isLost()).isFalse();

      ScriptedFiles.listingFails = false;
      lock.requireHeld();
      ScriptedFiles.listingFails = true;
    }
    ScriptedFiles.listingFails = false;
    assertThat(RunLock.holder(run, clock)).as("not released, and that is no fault").isPresent();
  }

  @Test
  void aLockThatIsReplacedWhileItIsReadIsReadAgain() {
    run = ScriptedFiles.at(folder);
    try (RunLock lock = acquire()) {
      ScriptedFiles.FAILING_OPENINGS.set(2);
      lock.requireHeld();

      ScriptedFiles.FAILING_OPENINGS.set(3);
      assertThatThrownBy(lock::requireHeld).hasMessageContaining("it was replaced meanwhile");
      assertThat(lock.isLost()).isFalse();
    }
  }

  @Test
  void theHolderIsToldWithWhetherItLives() {
    assertThat(RunLock.holder(run, clock)).isEmpty();
    holds(3, far(START));
    clock.advance(Duration.ofSeconds(59));
    assertThat(RunLock.holder(run, clock))
        .contains(new RunLock.Holder(3, "far-away", 1, START, true, false));
    clock.advance(Duration.ofSeconds(1));
    assertThat(RunLock.holder(run, clock))
        .contains(new RunLock.Holder(3, "far-away", 1, START, false, false));
    try (RunLock lock = acquire()) {
      assertThat(RunLock.holder(run)).map(RunLock.Holder::isAlive).contains(true);
      assertThat(RunLock.holder(run)).map(RunLock.Holder::epoch).contains(lock.epoch());
    }
    assertThat(RunLock.holder(run)).isEmpty();
  }
}
