package io.cria.sft;

import io.cria.task.OrderlyStop;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Turns SIGTERM and Ctrl-C into a request: a signal in the middle of native code may crash, so the
 * loop is asked to stop and saves, and only then the process ends, with the command's exit code.
 */
public final class StopSignal implements BooleanSupplier {
  private static final int STOP_SECONDS = 300;
  private static final long LAST_WORDS_MILLIS = 500;

  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread worker = Thread.currentThread();
  private final Thread hook = new Thread(this::onShutdown, "cria-stop");
  private volatile boolean requested;
  private volatile int exitCode = 1;

  private StopSignal() {}

  /** Listens from now on; the calling thread is the one that works. */
  public static StopSignal install() {
    StopSignal signal = new StopSignal();
    Runtime.getRuntime().addShutdownHook(signal.hook);
    OrderlyStop.begin(StopSignal::tell);
    return signal;
  }

  private static void tell(boolean keyboard) {
    System.err.println(
        "cria: stopping: the step is finished and what it made is kept"
            + (keyboard ? "; Ctrl-C again leaves now" : ""));
  }

  private void onShutdown() {
    requested = true;
    try {
      if (!ended.await(STOP_SECONDS, TimeUnit.SECONDS)) {
        System.err.println(
            "cria: the step did not end within "
                + STOP_SECONDS
                + " s of the signal: its work is lost");
        return;
      }
      // the worker prints its last line, then waits in System.exit for this very hook
      worker.join(LAST_WORDS_MILLIS);
      Runtime.getRuntime().halt(exitCode);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public boolean getAsBoolean() {
    return requested;
  }

  /** Tells that the work has ended, and with which code. */
  public void end(int code) {
    exitCode = code;
    OrderlyStop.end();
    ended.countDown();
    if (!requested) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // the signal came this moment: the hook sees the work ended and passes the code on
        requested = true;
      }
    }
  }
}
