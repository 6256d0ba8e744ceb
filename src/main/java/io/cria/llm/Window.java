package io.cria.llm;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Requests in flight, counted over all clients that share it (one a process). A permit is held from
 * admission until the request's last record is kept. It shrinks while the server has too much to do
 * (additive increase, multiplicative decrease with a remembered threshold). Thread-safe.
 */
final class Window {
  private static final double KEPT = 0.7;

  /** Of what was held before a cut that none preceded lately, so much is soon held again. */
  private static final double SOON = 0.9;

  private static final long LATELY_NANOS = 10_000_000_000L;
  private static final long EPISODE_NANOS = 1_000_000_000L;

  private final Permits permits;
  private volatile int most;
  private volatile int size;
  private boolean cut;
  private long cutAt;
  private double threshold;
  private double growth;

  /** A semaphore whose number of permits may also be lessened below those that are free. */
  private static final class Permits extends Semaphore {
    private static final long serialVersionUID = 1L;

    Permits(int permits) {
      super(permits, true);
    }

    void lessen(int by) {
      reducePermits(by);
    }
  }

  private Window(int size) {
    this.most = size;
    this.size = size;
    this.permits = new Permits(size);
  }

  /** At most {@code size} requests in flight, at least 1. */
  static Window of(int size) {
    return new Window(checked(size));
  }

  private static int checked(int size) {
    if (size < 1) {
      throw new IllegalArgumentException("a window holds at least 1 request, not " + size);
    }
    return size;
  }

  /** Requests that may be in flight. */
  int size() {
    return size;
  }

  /** Requests in flight; more than {@link #size} for a while after it was lessened. */
  int inFlight() {
    return size - permits.availablePermits();
  }

  /** Lets so many be in flight from now on, at least 1; those that are go on. */
  synchronized void resize(int other) {
    int before = most;
    most = checked(other);
    if (size == before || size > most) {
      set(most);
    }
  }

  /**
   * The server has too much to do: fewer at a time, once an episode. What was held is remembered;
   * where cuts follow one another, no more than what is held after them.
   *
   * @param nanos of any clock
   */
  synchronized void overloaded(long nanos) {
    if (cut && nanos - cutAt < EPISODE_NANOS) {
      return;
    }
    boolean isLone = !cut || nanos - cutAt > LATELY_NANOS;
    cut = true;
    cutAt = nanos;
    threshold = size * (isLone ? SOON : KEPT);
    set(Math.max(1, (int) (size * KEPT)));
  }

  /** An answer came: more at a time, quickly up to what was held before, then by one a window. */
  void succeeded() {
    if (size == most) {
      return;
    }
    synchronized (this) {
      growth += size < threshold ? 1 : 1.0 / size;
      if (growth >= 1 && size < most) {
        growth -= 1;
        set(size + 1);
      }
    }
  }

  private void set(int other) {
    int more = other - size;
    size = other;
    if (more > 0) {
      permits.release(more);
    } else if (more < 0) {
      permits.lessen(-more);
    }
  }

  boolean tryAcquire() {
    return permits.tryAcquire();
  }

  boolean tryAcquire(Duration wait) throws InterruptedException {
    return permits.tryAcquire(wait.toNanos(), TimeUnit.NANOSECONDS);
  }

  void release() {
    permits.release();
  }
}
