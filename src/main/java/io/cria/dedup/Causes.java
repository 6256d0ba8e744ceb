package io.cria.dedup;

import com.fasterxml.jackson.core.JacksonException;
import io.cria.task.CriaException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.SparkThrowable;

/** What lies behind a Spark job's failure, from the outside inwards. */
final class Causes {
  private final List<Throwable> chain = new ArrayList<>();

  Causes(Throwable thrown) {
    for (Throwable t = thrown; t != null && !chain.contains(t); t = t.getCause()) {
      chain.add(t);
    }
  }

  /** What was told in our own words already. */
  Optional<CriaException> told() {
    return chain.stream()
        .filter(CriaException.class::isInstance)
        .map(CriaException.class::cast)
        .findFirst();
  }

  /** A file that Spark's own readers failed on. */
  Optional<Exception> unreadFile() {
    return named("FAILED_READ_FILE");
  }

  /** A failed input or output; JSON that cannot be parsed is none. */
  Optional<IOException> io() {
    return chain.stream()
        .filter(t -> !(t instanceof JacksonException))
        .filter(IOException.class::isInstance)
        .map(IOException.class::cast)
        .findFirst();
  }

  /** JSON that cannot be parsed or is beyond a limit. */
  Optional<Exception> json() {
    return chain.stream()
        .filter(JacksonException.class::isInstance)
        .<Exception>map(JacksonException.class::cast)
        .findFirst();
  }

  /** A failure that Spark has a name for, beginning so: it lies in the data, not in the program. */
  Optional<Exception> named(String condition) {
    return chain.stream()
        .filter(t -> t instanceof SparkThrowable thrown && isNamed(thrown, condition))
        .filter(Exception.class::isInstance)
        .map(Exception.class::cast)
        .findFirst();
  }

  private static boolean isNamed(SparkThrowable thrown, String condition) {
    String name = thrown.getCondition();
    return name != null && name.startsWith(condition) && !thrown.isInternalError();
  }

  /** The message's first line. */
  static String line(Throwable thrown) {
    return String.valueOf(thrown.getMessage())
        .lines()
        .filter(line -> !line.isBlank())
        .findFirst()
        .orElse("");
  }
}
