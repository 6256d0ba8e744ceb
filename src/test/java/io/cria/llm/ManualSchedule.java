package io.cria.llm;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A clock that stands still until it is moved; what falls due runs on the moving thread. */
final class ManualSchedule implements Schedule {
  private final List<Task> tasks = new ArrayList<>();
  private Instant now = Instant.parse("2026-01-02T03:04:05Z");

  private record Task(Instant due, Runnable action) {}

  /** Moves the clock, stopping at each task that falls due. */
  void pass(Duration time) {
    Instant end = now().plus(time);
    for (Task next = due(end); next != null; next = due(end)) {
      next.action().run();
    }
    set(end);
  }

  private synchronized @Nullable Task due(Instant end) {
    Task first = tasks.stream().min(Comparator.comparing(Task::due)).orElse(null);
    if (first == null || first.due().isAfter(end)) {
      return null;
    }
    tasks.remove(first);
    now = first.due().isAfter(now) ? first.due() : now;
    return first;
  }

  private synchronized void set(Instant time) {
    now = time;
  }

  @Override
  public synchronized Instant now() {
    return now;
  }

  @Override
  public synchronized Alarm wait(Duration wait, Runnable task) {
    Task added = new Task(now.plus(wait), task);
    tasks.add(added);
    return () -> cancel(added);
  }

  private synchronized void cancel(Task task) {
    tasks.remove(task);
  }

  @Override
  public Alarm deadline(Duration limit, Runnable task) {
    return wait(limit, task);
  }
}
