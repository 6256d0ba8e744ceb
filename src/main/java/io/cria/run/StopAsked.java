package io.cria.run;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Whether somebody asked a run to stop, and how long what is on its way may still take. */
@FunctionalInterface
public interface StopAsked extends BooleanSupplier {
  /**
   * What is left of the time that whoever ends this process gives it; null where only {@code
   * limits.drainSeconds} bounds the wait.
   */
  default @Nullable Duration left() {
    return null;
  }
}
