package io.cria.pipeline;

import io.cria.run.RunContext;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import org.apache.hadoop.util.ShutdownHookManager;

/**
 * A request to stop: SIGTERM or Ctrl-C to the driver, or the stop file in the run directory, which
 * the driver looks for once a second at most. Tasks ask the driver. They drain what is in flight
 * and commit it; then the driver ends with its exit code.
 *
 * <p>The hook runs before Spark's own, which would end the session under the draining tasks.
 */
final class StopRequest implements BooleanSupplier {
  private static final int BEFORE_SPARK = 1000;
  private static final long DRAIN_MINUTES = 10;
  private static final long LAST_WORDS_MILLIS = 500;
  private static final long LOOK_NANOS = 1_000_000_000L;

  private final RunDirectory run;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook;
  private final Thread driver = Thread.currentThread();
  private volatile boolean signalled;
  private long looked = System.nanoTime() - LOOK_NANOS;
  private boolean found;
  private volatile IntSupplier exitCode = () -> 1;

  StopRequest(RunDirectory run) {
    this.run = run;
    this.hook = new Thread(this::onShutdown, "cria-stop");
  }

  void install() {
    ShutdownHookManager.get().addShutdownHook(hook, BEFORE_SPARK, DRAIN_MINUTES, TimeUnit.MINUTES);
  }

  private void onShutdown() {
    signalled = true;
    try {
      if (ended.await(DRAIN_MINUTES, TimeUnit.MINUTES)) {
        // the driver's thread prints its last line, then waits in System.exit for this very hook
        driver.join(LAST_WORDS_MILLIS);
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

  /** A look that fails says nothing: the next one tries again. */
  private synchronized boolean isFileThere() {
    long now = System.nanoTime();
    if (!found && now - looked >= LOOK_NANOS) {
      looked = now;
      try {
        found = run.exists(RunContext.STOP_FILE);
      } catch (CriaException e) {
        System.getLogger(StopRequest.class.getName())
            .log(System.Logger.Level.DEBUG, "no look for the stop file: {0}", e.getMessage());
      }
    }
    return found;
  }

  /** Tells that the driver's work has ended, and with which code. */
  void end(int code) {
    exitCode = () -> code;
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
