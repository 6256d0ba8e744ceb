package io.cria.task;

import org.jspecify.annotations.Nullable;

/**
 * A failure told to the user in one line: what, where, remedy. Carries the exit code of the
 * command.
 *
 * <p>The message never holds a secret or a whole prompt.
 */
public class CriaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ExitCode exitCode;

  public CriaException(ExitCode exitCode, String message) {
    this(exitCode, message, null);
  }

  public CriaException(ExitCode exitCode, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  public ExitCode exitCode() {
    return exitCode;
  }

  /** Bad input or usage: exit code 2. */
  public static CriaException badInput(String message) {
    return new CriaException(ExitCode.BAD_INPUT, message);
  }
}
