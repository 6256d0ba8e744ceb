package io.cria.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLockTest {
  private static final Instant START = Instant.parse("2024-05-01T12:00:00Z");

  @TempDir Path folder;

  private final HandClock clock = new HandClock();
  private Runnable watch = () -> {};
  private RunDirectory run = RunDirectory.at("unset", new Configuration());

  @BeforeEach
  void makeRun() {
    run = RunDirectory.at(folder.resolve("run").toString(), new Configuration());
  }

  /** A clock set by hand. */
  private static final class HandClock extends Clock {
    private volatile Instant now = START;

    void advance(Duration time) {
      now = now.plus(time);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  private RunLock acquire() {
    return RunLock.acquire(run, clock, watch);
  }

  private void isHeldBy(String host, Instant heartbeat) {
    run.replace(
        RunLock.FILE,
        Json.write(new RunLock.Holder("other", host, host, 1, "unknown", heartbeat.toString())));
  }

  @Test
  void isGoneAfterItsHolder() {
    try (RunLock lock = acquire()) {
      lock.requireHeld();
      assertThat(run.exists(RunLock.FILE)).isTrue();
    }
    assertThat(run.exists(RunLock.FILE)).isFalse();
  }

  @Test
  void aSecondDriverOfALivingProcessIsRefusedHoweverOldTheHeartbeat() {
    try (RunLock lock = acquire()) {
      clock.advance(Duration.ofSeconds(30));
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
  void aDriverOnAnotherHostIsTrustedForAMinute() {
    isHeldBy("far-away", START);
    clock.advance(Duration.ofSeconds(59));
    assertThatThrownBy(() -> acquire()).hasMessageContaining("host far-away");

    clock.advance(Duration.ofSeconds(1));
    try (RunLock lock = acquire()) {
      lock.requireHeld();
    }
  }

  @Test
  void aTornLockIsNobodys() {
    run.replace(RunLock.FILE, "{\"owner\" : \"oth");
    try (RunLock lock = acquire()) {
      lock.requireHeld();
    }
  }

  @Test
  void aLockTakenOverIsNoticedAndLeftToItsNewHolder() {
    try (RunLock lock = acquire()) {
      isHeldBy("far-away", START);
      assertThatThrownBy(lock::requireHeld)
          .isInstanceOfSatisfying(
              CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.RUN_REFUSED))
          .hasMessageContaining("another driver took this run over");
    }
    assertThat(run.text(RunLock.FILE)).hasValueSatisfying(text -> assertThat(text).contains("far"));
  }

  @Test
  void aClockThatIsAheadDoesNotTakeTheRunFromALivingDriver() {
    isHeldBy("far-away", START);
    clock.advance(Duration.ofHours(1));
    Instant[] next = {START};
    watch =
        () -> {
          next[0] = next[0].plusSeconds(10);
          isHeldBy("far-away", next[0]);
        };
    assertThatThrownBy(this::acquire).hasMessageContaining("host far-away");
  }

  @Test
  void aDriverThatWasAsleepGoesOnWhenNobodyTookOver() {
    try (RunLock lock = acquire()) {
      clock.advance(RunLock.EXPIRY.plusSeconds(1));
      lock.requireHeld();
      assertThat(run.text(RunLock.FILE))
          .hasValueSatisfying(text -> assertThat(text).contains("12:01:01"));
      assertThat(lock.isLost()).isFalse();
    }
  }

  @Test
  void executorsSeeWhoseLockItIs() {
    try (RunLock lock = acquire()) {
      assertThat(RunLock.isHeldByAnother(run, lock.owner())).isFalse();
      assertThat(RunLock.isHeldByAnother(run, "somebody else")).isTrue();
    }
    assertThat(RunLock.isHeldByAnother(run, "anybody")).isFalse();
  }
}
