package io.cria.llm;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many HTTP requests may still be sent; every attempt is one. Shared by clients; thread-safe.
 */
public interface RequestCap {
  /** Takes one, if there is one left. */
  boolean tryAcquire();

  /** No cap. */
  static RequestCap unlimited() {
    return () -> true;
  }

  /** {@code requests} in all. */
  static RequestCap of(long requests) {
    AtomicLong left = new AtomicLong(requests);
    return () -> left.getAndUpdate(n -> Math.max(0, n - 1)) > 0;
  }
}
