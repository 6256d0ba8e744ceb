package io.cria.pipeline;

import io.cria.run.AskContext;
import io.cria.storage.RunDirectory;
import io.cria.storage.RunLock;
import io.cria.storage.RunLock.Holder;
import io.cria.task.CriaException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks the driver that works on a run to stop, from outside: by a file in the run's directory, for
 * which every driver looks ({@link StopRequest}). Who is at work is told by the lock, so it does
 * not matter on which machine.
 */
public final class DriverStop {
  /** A holder whose heart beats on another clock shows itself within these looks. */
  private static final int LOOKS = (int) (RunLock.EXPIRY.toSeconds() / 2);

  private final RunDirectory run;
  private final Clock clock;
  private final Runnable pause;
  private final Supplier<String> lastEnd;

  /** How a wait ended. */
  public enum End {
    /** The driver gave the run back: status.json tells how it ended. */
    RELEASED,
    /** The driver's process is gone, and it left no word. */
    KILLED,
    /** The driver is still at work. */
    AT_WORK
  }

  /**
   * @param pause waits a second
   */
  public DriverStop(RunDirectory run, Clock clock, Runnable pause) {
    this(run, clock, pause, () -> lastEndOfRun(run));
  }

  /**
   * @param run a directory with a lock of its own
   * @param pause waits a second
   * @param lastEnd how the last driver there ended, in brackets; empty where there was none
   */
  public DriverStop(RunDirectory run, Clock clock, Runnable pause, Supplier<String> lastEnd) {
    this.run = run;
    this.clock = clock;
    this.pause = pause;
    this.lastEnd = lastEnd;
  }

  /**
   * Asks the driver at work to stop.
   *
   * @return that driver
   * @throws CriaException (bad input) when there is none: then nothing is left behind
   */
  public Holder ask() {
    if (atWork().isEmpty()) {
      throw nothingRuns();
    }
    request();
    // one that ended meanwhile would leave the request to the next
    Optional<Holder> asked = holder();
    if (asked.isEmpty()) {
      withdraw();
    }
    return asked.orElseThrow(this::nothingRuns);
  }

  /**
   * Waits until the driver has ended. The request is renewed meanwhile, because a driver that has
   * just begun sweeps away what it finds, and taken back afterwards.
   *
   * @param longest to wait; null without end
   * @param waiting told once a second how long it has been
   */
  public End await(Holder asked, @Nullable Duration longest, Consumer<Duration> waiting) {
    Instant began = clock.instant();
    Instant heard = began;
    Instant beat = asked.heartbeat();
    boolean missed = false;
    while (true) {
      Instant now = clock.instant();
      Holder holder = RunLock.holder(run).orElse(null);
      if (holder == null || holder.epoch() != asked.epoch()) {
        // a lock that is just being rewritten may not be read, for that once
        if (missed || holder != null) {
          withdraw();
          return End.RELEASED;
        }
        missed = true;
      } else {
        missed = false;
        if (!holder.heartbeat().equals(beat)) {
          beat = holder.heartbeat();
          heard = now;
        }
        boolean silent = !holder.isAlive() && heard.plus(RunLock.EXPIRY).isBefore(now);
        if (holder.isGone() || silent) {
          withdraw();
          return End.KILLED;
        }
        if (longest != null && !now.isBefore(began.plus(longest))) {
          return End.AT_WORK;
        }
        if (!run.exists(AskContext.STOP_FILE)) {
          request();
        }
      }
      waiting.accept(Duration.between(began, now));
      pause.run();
    }
  }

  private void request() {
    run.replace(AskContext.STOP_FILE, "asked " + clock.instant() + "\n");
  }

  private void withdraw() {
    run.delete(AskContext.STOP_FILE);
  }

  /** Who holds the run; one that is silent is watched, because its clock may be another. */
  private Optional<Holder> atWork() {
    Optional<Holder> first = holder();
    Optional<Holder> latest = first;
    for (int look = 0; look < LOOKS && latest.isPresent(); look++) {
      if (latest.get().isAlive() || !latest.equals(first)) {
        return latest;
      }
      pause.run();
      latest = holder();
    }
    return Optional.empty();
  }

  private Optional<Holder> holder() {
    return RunLock.holder(run).filter(holder -> !holder.isGone());
  }

  private static String lastEndOfRun(RunDirectory run) {
    return RunStatus.look(run)
        .map(
            seen ->
                seen.dead()
                    ? " (its last driver ended without a word; the same command of the run goes on)"
                    : " ("
                        + seen.status().state()
                        + ", exit code "
                        + seen.status().exitCode()
                        + ")")
        .orElse("");
  }

  private CriaException nothingRuns() {
    return CriaException.badInput(
        run.root()
            + ": nothing is running there"
            + lastEnd.get()
            + ": give the directory of a run or a training that is at work");
  }
}
