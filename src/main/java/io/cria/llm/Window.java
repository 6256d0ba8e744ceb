package io.cria.llm;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Requests in flight, counted over all clients that share it (one a process). A permit is held from
 * admission until the request's last record is kept. Thread-safe.
 */
public final class Window {
  private final Semaphore permits;
  private final int size;

  private Window(int size) {
    this.size = size;
    this.permits = new Semaphore(size, true);
  }

  /** At most {@code size} requests in flight, at least 1. */
  public static Window of(int size) {
    if (size < 1) {
      throw new IllegalArgumentException("a window holds at least 1 request, not " + size);
    }
    return new Window(size);
  }

  /** Requests that may be in flight. */
  public int size() {
    return size;
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
