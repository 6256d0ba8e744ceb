package io.cria.llm;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Requests in flight, counted over all clients that share it (one a process). A permit is held from
 * admission until the request's last record is kept. Thread-safe.
 */
final class Window {
  private final Permits permits;
  private volatile int size;

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
    int more = checked(other) - size;
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
