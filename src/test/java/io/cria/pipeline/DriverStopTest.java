package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.run.AskContext;
import io.cria.storage.RunDirectory;
import io.cria.storage.RunLock;
import io.cria.storage.RunLock.Holder;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A request to stop from outside, against locks that are held, given back, and left behind. */
class DriverStopTest {
  private static final int DEAD_PID = Integer.MAX_VALUE;

  @TempDir Path folder;

  private final Ticking clock = new Ticking();
  private final List<Runnable> whileWaiting = new ArrayList<>();
  private final List<Duration> waited = new ArrayList<>();
  private RunDirectory run = RunDirectory.at("unset", new Configuration());
  private DriverStop stop = new DriverStop(run, clock, () -> {});

  @BeforeEach
  void makeRun() {
    run = RunDirectory.at(folder.resolve("run").toString(), new Configuration());
    stop = new DriverStop(run, clock, this::pause);
  }

  /** A second passes, and what the test has planned for it happens. */
  private void pause() {
    clock.now = clock.now.plusSeconds(1);
    if (!whileWaiting.isEmpty()) {
      whileWaiting.remove(0).run();
    }
  }

  /** A driver on another machine, as its lock tells. */
  private void far(long epoch, Instant heartbeat, boolean released) {
    run.replace(
        RunLock.FILE + "/" + epoch,
        "{\"owner\":\"o\",\"host\":\"far-away\",\"machine\":\"m\",\"pid\":"
            + DEAD_PID
            + ",\"process_start\":\"s\",\"heartbeat\":\""
            + heartbeat
            + "\",\"released\":"
            + released
            + "}");
  }

  private boolean isAsked() {
    return run.exists(AskContext.STOP_FILE);
  }

  private void nothingRuns() {
    assertThatThrownBy(stop::ask)
        .isInstanceOfSatisfying(
            CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
        .hasMessageContaining("nothing is running there");
    assertThat(isAsked()).isFalse();
  }

  @Test
  void whereNobodyIsAtWorkNothingIsLeftBehind() {
    nothingRuns();
    assertThat(folder.resolve("run")).doesNotExist();
    try (RunLock lock = RunLock.acquire(run, Clock.systemUTC())) {
      lock.requireHeld();
    }
    nothingRuns();
    assertThat(waited).isEmpty();
  }

  @Test
  void aSilentDriverIsWatchedBecauseItsClockMayBeAnother() {
    far(1, Instant.parse("2020-01-01T00:00:00Z"), false);
    nothingRuns();
    for (int second = 0; second < 12; second++) {
      whileWaiting.add(() -> {});
    }
    whileWaiting.add(() -> far(1, Instant.parse("2020-01-01T00:00:10Z"), false));
    assertThat(stop.ask().host()).isEqualTo("far-away");
    assertThat(isAsked()).isTrue();
  }

  @Test
  void theDriverGivesTheRunBackAndTheRequestIsTakenBack() {
    RunLock lock = RunLock.acquire(run, Clock.systemUTC());
    Holder asked = stop.ask();
    assertThat(asked.pid()).isEqualTo(ProcessHandle.current().pid());
    assertThat(isAsked()).isTrue();
    // a driver that has just begun sweeps the run's directory
    whileWaiting.add(() -> run.delete(AskContext.STOP_FILE));
    whileWaiting.add(() -> assertThat(isAsked()).as("asked again").isTrue());
    whileWaiting.add(lock::close);
    assertThat(stop.await(asked, null, waited::add)).isEqualTo(DriverStop.End.RELEASED);
    assertThat(waited).startsWith(Duration.ZERO, Duration.ofSeconds(1), Duration.ofSeconds(2));
    assertThat(isAsked()).isFalse();
  }

  @Test
  void theNextDriverIsNotWaitedFor() {
    far(1, clock.now, false);
    Holder asked = stop.ask();
    whileWaiting.add(() -> far(2, clock.now, false));
    assertThat(stop.await(asked, null, waited::add)).isEqualTo(DriverStop.End.RELEASED);
    assertThat(isAsked()).isFalse();
  }

  @Test
  void aDriverThatIsStillAtWorkAfterTheTimeGivenStaysAsked() {
    try (RunLock lock = RunLock.acquire(run, Clock.systemUTC())) {
      lock.requireHeld();
      Holder asked = stop.ask();
      assertThat(stop.await(asked, Duration.ofSeconds(5), waited::add))
          .isEqualTo(DriverStop.End.AT_WORK);
      assertThat(waited).hasSize(5);
      assertThat(isAsked()).isTrue();
    }
  }

  @Test
  void aDriverThatFallsSilentIsGivenUp() {
    clock.now = Instant.now();
    far(1, clock.now, false);
    Holder asked = stop.ask();
    // the lock's own look has the machine's clock
    far(1, clock.now.minusSeconds(100), false);
    assertThat(stop.await(asked, null, waited::add)).isEqualTo(DriverStop.End.KILLED);
    assertThat(waited).hasSizeBetween(60, 63);
    assertThat(isAsked()).isFalse();
  }

  @Test
  void whatIsAskedForStandsWhereDriversLook() throws Exception {
    far(1, Instant.now(), false);
    stop.ask();
    assertThat(Files.readString(folder.resolve("run/_stop")))
        .isEqualTo("asked " + clock.now + "\n");
    assertThat(new StopRequest(run, null, keyboard -> {}).getAsBoolean()).isTrue();
  }

  private static final class Ticking extends Clock {
    private Instant now = Instant.now();

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
}
