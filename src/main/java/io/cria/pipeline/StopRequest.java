package io.cria.pipeline;

import io.cria.run.AskContext;
import io.cria.run.StopAsked;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.OrderlyStop;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.apache.hadoop.util.ShutdownHookManager;
import org.jspecify.annotations.Nullable;

/**
 * A request to stop: SIGTERM or Ctrl-C to the driver, or the stop file in the run directory, which
 * the driver looks for once a second at most. Tasks ask the driver. They drain what is in flight
 * and commit it; then the driver ends with its exit code.
 *
 * <p>The hook runs before Spark's own, which would end the session under the draining tasks.
 */
public final class StopRequest implements StopAsked {
  /**
   * How long a driver that a cluster runs drains after a signal, where nothing is configured: the
   * kill follows 10 s after it (Spark's {@code spark.worker.driverTerminateTimeout}), and by then
   * the ledger is to be sealed, the outcome written and the lock given back.
   */
  static final Duration BEFORE_KILL = Duration.ofSeconds(6);

  private static final int BEFORE_SPARK = 1000;
  private static final long DRAIN_MINUTES = 10;
  private static final long LAST_WORDS_MILLIS = 3000;
  private static final long LOOK_NANOS = 1_000_000_000L;

  private final RunDirectory run;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook;
  private final @Nullable Duration afterSignal;
  private volatile long signalledNanos;
  private volatile boolean signalled;
  private long looked = System.nanoTime() - LOOK_NANOS;
  private boolean found;
  private volatile IntSupplier exitCode = () -> 1;
  private final Consumer<Boolean> told;

  /**
   * @param afterSignal how long what is on its way may take after a signal; null for as long as
   *     after any other request to stop
   * @param told when the request comes, once; whether by a keyboard, where it may come again
   */
  public StopRequest(RunDirectory run, @Nullable Duration afterSignal, Consumer<Boolean> told) {
    this.run = run;
    this.afterSignal = afterSignal;
    this.told = told;
    this.hook = new Thread(this::onShutdown, "cria-stop");
  }

  /** Listens for signals from now on. */
  public void install() {
    ShutdownHookManager.get().addShutdownHook(hook, BEFORE_SPARK, DRAIN_MINUTES, TimeUnit.MINUTES);
    OrderlyStop.begin(told);
  }

  private void onShutdown() {
    signalledNanos = System.nanoTime();
    signalled = true;
    try {
      if (ended.await(DRAIN_MINUTES, TimeUnit.MINUTES)) {
        LastWords.await(LAST_WORDS_MILLIS);
        Runtime.getRuntime().halt(exitCode.getAsInt());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public boolean getAsBoolean() {
    return signalled || isFileThere();
  }

  @Override
  public @Nullable Duration left() {
    if (!signalled || afterSignal == null) {
      return null;
    }
    Duration left = afterSignal.minusNanos(System.nanoTime() - signalledNanos);
    return left.isNegative() ? Duration.ZERO : left;
  }

  /** A look that fails says nothing: the next one tries again. */
  private synchronized boolean isFileThere() {
    long now = System.nanoTime();
    if (!found && now - looked >= LOOK_NANOS) {
      looked = now;
      try {
        found = run.exists(AskContext.STOP_FILE);
        if (found && !signalled) {
          told.accept(false);
        }
      } catch (CriaException e) {
        System.getLogger(StopRequest.class.getName())
            .log(System.Logger.Level.DEBUG, "no look for the stop file: {0}", e.getMessage());
      }
    }
    return found;
  }

  /** Tells that the driver's work has ended, and with which code. */
  public void end(int code) {
    exitCode = () -> code;
    OrderlyStop.end();
    ended.countDown();
    if (!signalled && !ShutdownHookManager.get().isShutdownInProgress()) {
      removeHook();
    }
  }

  private void removeHook() {
    try {
      ShutdownHookManager.get().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // a shutdown began this very moment: the hook runs, and finds the end
      System.getLogger(StopRequest.class.getName())
          .log(System.Logger.Level.DEBUG, "shutting down", e);
    }
  }
}
