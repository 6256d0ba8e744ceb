package io.cria.stage.dedup;

import io.cria.task.CriaException;
import java.io.IOException;
import java.util.function.Supplier;
import org.apache.spark.SparkException;

/** A Spark job over an input: a file that fails in it is the user's, not a fault. */
final class Reading {
  private Reading() {}

  /**
   * @param name of the input
   * @throws CriaException (bad input) when the input cannot be read to its end
   */
  static <T> T of(String name, Supplier<T> job) {
    try {
      return job.get();
    } catch (RuntimeException e) {
      throw told(name, e);
    } catch (Exception e) {
      // Spark's own are checked, though Scala does not say so
      throw told(name, new IllegalStateException(e));
    }
  }

  private static RuntimeException told(String name, RuntimeException thrown) {
    boolean inSpark = false;
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      if (t instanceof CriaException ours) {
        return ours;
      }
      inSpark |= t instanceof SparkException;
      if (t instanceof IOException cause && inSpark) {
        return InputFiles.unreadable(name, cause);
      }
      if (t instanceof SparkException failed
          && String.valueOf(failed.getCondition()).startsWith("FAILED_READ_FILE")) {
        return InputFiles.unreadable(name, failed);
      }
    }
    return thrown;
  }
}
