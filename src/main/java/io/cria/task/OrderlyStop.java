package io.cria.task;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * Whether this process is at work that a signal does not cut: it finishes what is begun, keeps what
 * it has and ends with an exit code of its own. There is one such work at a time.
 */
public final class OrderlyStop {
  private static final AtomicReference<Consumer<Boolean>> WORK = new AtomicReference<>();

  private OrderlyStop() {}

  /**
   * Such work begins.
   *
   * @param told of a signal, before the work stops; whether it came from a keyboard, by which it
   *     may come again
   */
  public static void begin(Consumer<Boolean> told) {
    WORK.set(told);
  }

  /** The work has ended. */
  public static void end() {
    WORK.set(null);
  }

  /**
   * Tells the work of a signal.
   *
   * @return whether there is such work
   */
  public static boolean tell(boolean keyboard) {
    Consumer<Boolean> told = WORK.get();
    if (told != null) {
      told.accept(keyboard);
    }
    return told != null;
  }
}
