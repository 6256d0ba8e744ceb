package io.cria.similarity;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Runs the indexes of a range on several threads, in small blocks taken as threads become free. */
final class Workers {
  private static final int BLOCK = 64;

  /** What one thread does with a block; called many times, by one thread at a time. */
  interface Body {
    void run(int from, int to);
  }

  /** Makes the body of one thread. */
  interface BodyMaker {
    Body make();
  }

  private Workers() {}

  /**
   * Returns when every index of [from, to) is done, or throws when no body runs any more.
   *
   * @throws CancellationException when the calling thread is interrupted, which it stays
   */
  static void forRange(int threads, int from, int to, BodyMaker maker) {
    Thread caller = Thread.currentThread();
    int useful = Math.min(threads, (to - from + BLOCK - 1) / BLOCK);
    AtomicInteger next = new AtomicInteger(from);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Runnable work =
        () -> {
          try {
            Body body = maker.make();
            for (int start = next.getAndAdd(BLOCK); start < to && failure.get() == null; ) {
              requireNoInterrupt(caller);
              body.run(start, Math.min(to, start + BLOCK));
              start = next.getAndAdd(BLOCK);
            }
          } catch (Throwable e) {
            failure.compareAndSet(null, e);
          }
        };
    List<Thread> others = new ArrayList<>();
    for (int i = 1; i < useful; i++) {
      Thread thread = new Thread(work, "similarity-" + i);
      thread.setDaemon(true);
      thread.start();
      others.add(thread);
    }
    if (to > from) {
      work.run();
    }
    joinAll(others, failure);
    Throwable thrown = failure.get();
    if (thrown instanceof RuntimeException e) {
      throw e;
    }
    if (thrown instanceof Error e) {
      throw e;
    }
  }

  /** Ends the work of a caller that was interrupted. */
  static void requireNoInterrupt(Thread caller) {
    if (caller.isInterrupted()) {
      throw new CancellationException("interrupted while texts were compared");
    }
  }

  /**
   * Waits for all of them even when interrupted, since they work on shared arrays; but then they
   * end with the block they are at, and the interrupt is kept.
   */
  private static void joinAll(List<Thread> threads, AtomicReference<Throwable> failure) {
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (true) {
        try {
          thread.join();
          break;
        } catch (InterruptedException e) {
          interrupted = true;
          failure.compareAndSet(
              null, new CancellationException("interrupted while texts were compared"));
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
