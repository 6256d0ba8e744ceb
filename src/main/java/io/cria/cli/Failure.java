package io.cria.cli;

import io.cria.pipeline.Faults;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;

/**
 * A failure as the user is told it.
 *
 * @param line one line, without the leading {@code cria: }
 * @param exitCode the command's
 */
record Failure(String line, ExitCode exitCode) {
  /**
   * What {@code thrown} means. A {@link CriaException} is found behind any number of wrappers, such
   * as Spark's; the outermost one speaks. Everything else is a fault of Cria.
   */
  static Failure of(Throwable thrown) {
    CriaException told = Faults.told(thrown);
    return new Failure(
        Visible.of(PlainPaths.in(oneLine(String.valueOf(told.getMessage())))), told.exitCode());
  }

  private static String oneLine(String message) {
    return String.join(" ", message.lines().map(String::strip).toList()).strip();
  }
}
