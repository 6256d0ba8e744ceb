package io.cria.pipeline;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Whether this process has told how its command ended. A signal's hook waits for it, since what a
 * driver leaves in a run comes after its work: the outcome of the invocation, what stands on
 * standard output.
 */
public final class LastWords {
  private static final CountDownLatch SAID = new CountDownLatch(1);

  private LastWords() {}

  /** All is told; the process may end. */
  public static void said() {
    SAID.countDown();
  }

  /** Waits for it, so long at most. */
  static void await(long millis) throws InterruptedException {
    boolean unused = SAID.await(millis, TimeUnit.MILLISECONDS);
  }
}
