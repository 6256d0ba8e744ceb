package io.cria.llm;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.function.BooleanSupplier;

/**
 * Time that jumps from one event to the next, all on one thread; what falls due at the same moment
 * runs in the order in which it was asked for.
 */
final class VirtualTime implements Schedule {
  private static final Instant BEGINNING = Instant.parse("2026-01-02T03:04:05Z");
  private static final double NANOS = 1e9;

  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::number));
  private long now;
  private long number;

  private static final class Event {
    private final long at;
    private final long number;
    private Runnable task;

    Event(long at, long number, Runnable task) {
      this.at = at;
      this.number = number;
      this.task = task;
    }

    long at() {
      return at;
    }

    long number() {
      return number;
    }
  }

  /** Seconds since the beginning. */
  double seconds() {
    return now / NANOS;
  }

  /** Runs a task after so many seconds. */
  Alarm after(double seconds, Runnable task) {
    return at(now + (long) Math.max(0, seconds * NANOS), task);
  }

  private Alarm at(long nanos, Runnable task) {
    Event event = new Event(nanos, number++, task);
    events.add(event);
    // left in the queue: taking it out would cost a search
    return () -> event.task = () -> {};
  }

  /** Runs what falls due, one event after another, until there is nothing or this says so. */
  void run(BooleanSupplier isOver) {
    while (!isOver.getAsBoolean()) {
      Event next = events.poll();
      if (next == null) {
        return;
      }
      now = Math.max(now, next.at);
      next.task.run();
    }
  }

  @Override
  public Instant now() {
    return BEGINNING.plusNanos(now);
  }

  @Override
  public Alarm wait(Duration wait, Runnable task) {
    return at(now + Math.max(0, wait.toNanos()), task);
  }

  @Override
  public Alarm deadline(Duration limit, Runnable task) {
    return wait(limit, task);
  }
}
