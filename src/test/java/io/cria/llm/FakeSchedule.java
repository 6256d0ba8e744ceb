package io.cria.llm;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A clock that jumps: a wait passes at once and moves the clock by its length. Deadlines are real.
 * Or, held, waits never pass by themselves.
 */
final class FakeSchedule implements Schedule {
  private final List<Duration> waits = new ArrayList<>();
  private final boolean held;
  private final ExecutorService runner;
  private Instant now = Instant.parse("2026-01-02T03:04:05Z");

  private FakeSchedule(boolean held) {
    this.held = held;
    this.runner =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, "fake-schedule");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Waits pass at once. */
  static FakeSchedule jumping() {
    return new FakeSchedule(false);
  }

  /** Waits never pass. */
  static FakeSchedule held() {
    return new FakeSchedule(true);
  }

  /** The waits asked for, in order. */
  synchronized List<Duration> waits() {
    return List.copyOf(waits);
  }

  @Override
  public synchronized Instant now() {
    return now;
  }

  @Override
  public synchronized Alarm wait(Duration wait, Runnable task) {
    waits.add(wait);
    if (!held) {
      now = now.plus(wait);
      runner.execute(task);
    }
    return () -> {};
  }

  @Override
  public Alarm deadline(Duration limit, Runnable task) {
    return Schedule.system().deadline(limit, task);
  }
}
