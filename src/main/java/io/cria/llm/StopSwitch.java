package io.cria.llm;

import io.cria.task.CriaException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Ends a client once and for all: the first reason counts. Waits that the client sits out go
 * through it, so that a stop ends them at once. Thread-safe.
 */
final class StopSwitch {
  private final Schedule schedule;
  private final Set<Wait> waits = new HashSet<>();
  private StopReason reason = StopReason.NONE;
  private @Nullable CriaException failure;
  private Runnable onStop = () -> {};

  StopSwitch(Schedule schedule) {
    this.schedule = schedule;
  }

  private static final class Wait {
    final CompletableFuture<?> over;
    Schedule.Alarm alarm = () -> {};

    Wait(CompletableFuture<?> over) {
      this.over = over;
    }
  }

  /** Sets what runs once at the stop, on the thread that stops. */
  synchronized void onStop(Runnable action) {
    onStop = action;
  }

  /** Stops, unless stopped already; waits under way fail with {@link Step.NotSent}. */
  void stop(StopReason why, @Nullable CriaException cause) {
    List<Wait> ended;
    Runnable action;
    synchronized (this) {
      if (reason != StopReason.NONE) {
        return;
      }
      reason = why;
      failure = cause;
      ended = List.copyOf(waits);
      waits.clear();
      action = onStop;
    }
    action.run();
    for (Wait wait : ended) {
      wait.alarm.cancel();
      wait.over.completeExceptionally(new Step.NotSent());
    }
  }

  synchronized boolean isStopped() {
    return reason != StopReason.NONE;
  }

  synchronized StopReason reason() {
    return reason;
  }

  synchronized @Nullable CriaException failure() {
    return failure;
  }

  /** Completes after the wait; fails with {@link Step.NotSent} when the client stops before. */
  CompletableFuture<Void> sleep(Duration time) {
    CompletableFuture<Void> over = new CompletableFuture<>();
    Wait wait = new Wait(over);
    synchronized (this) {
      if (reason != StopReason.NONE) {
        return CompletableFuture.failedFuture(new Step.NotSent());
      }
      waits.add(wait);
      wait.alarm = schedule.wait(time, () -> wake(wait, over));
    }
    return over;
  }

  /** What somebody else completes; fails with {@link Step.NotSent} when the client stops before. */
  <T> CompletableFuture<T> hold() {
    CompletableFuture<T> over = new CompletableFuture<>();
    Wait wait = new Wait(over);
    synchronized (this) {
      if (reason != StopReason.NONE) {
        return CompletableFuture.failedFuture(new Step.NotSent());
      }
      waits.add(wait);
    }
    CompletableFuture<T> unused = over.whenComplete((result, stopped) -> forget(wait));
    return over;
  }

  private synchronized void forget(Wait wait) {
    waits.remove(wait);
  }

  private void wake(Wait wait, CompletableFuture<Void> over) {
    synchronized (this) {
      if (!waits.remove(wait)) {
        return;
      }
    }
    over.complete(null);
  }
}
