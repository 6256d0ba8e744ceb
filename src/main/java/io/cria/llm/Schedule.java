package io.cria.llm;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The client's clock and alarm. Waits and deadlines are told apart so that a test can let waits
 * pass at once while no deadline fires. Thread-safe; tasks run on a thread of the schedule, are
 * short and do not throw.
 */
public interface Schedule {
  /** The time of day. */
  Instant now();

  /**
   * Runs {@code task} after a wait that the client means to sit out: a backoff, a pause, a group's
   * age.
   */
  Alarm wait(Duration wait, Runnable task);

  /** Runs {@code task} when something else took too long. */
  Alarm deadline(Duration limit, Runnable task);

  /** A task to come. */
  @FunctionalInterface
  interface Alarm {
    /** Keeps it from running, if it has not begun. */
    void cancel();
  }

  /** Real time, on one daemon thread shared by the process. */
  static Schedule system() {
    return SystemSchedule.INSTANCE;
  }

  /** Real time. */
  final class SystemSchedule implements Schedule {
    private static final SystemSchedule INSTANCE = new SystemSchedule();

    private final ScheduledThreadPoolExecutor executor;

    private SystemSchedule() {
      executor =
          new ScheduledThreadPoolExecutor(
              1,
              task -> {
                Thread thread = new Thread(task, "cria-schedule");
                thread.setDaemon(true);
                return thread;
              });
      executor.setRemoveOnCancelPolicy(true);
    }

    @Override
    public Instant now() {
      return Instant.now();
    }

    @Override
    public Alarm wait(Duration wait, Runnable task) {
      ScheduledFuture<?> future =
          executor.schedule(task, Math.max(0, wait.toNanos()), TimeUnit.NANOSECONDS);
      return () -> future.cancel(false);
    }

    @Override
    public Alarm deadline(Duration limit, Runnable task) {
      return wait(limit, task);
    }
  }
}
