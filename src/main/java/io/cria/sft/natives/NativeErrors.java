package io.cria.sft.natives;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.util.Locale;

/** Errors of the native library in the user's words. */
public final class NativeErrors {
  private static final String RUNTIME_ERROR = "RuntimeError: ";
  private static final int LONG_LINE = 160;

  private NativeErrors() {}

  /**
   * What to throw for {@code error}: for exhausted memory one line that names what to lower, else
   * the error itself.
   *
   * @param lower the settings that need less memory, such as "microBatchTokens"
   */
  public static RuntimeException explain(RuntimeException error, String lower) {
    if (isOutOfMemory(error)) {
      return outOfMemory(error, lower);
    }
    return error;
  }

  /** JavaCPP reports its own limit as an Error of the Java heap, which it is not. */
  public static CriaException explain(OutOfMemoryError error, String lower) {
    return outOfMemory(error, lower);
  }

  /** Whether libtorch could not get memory. */
  public static boolean isOutOfMemory(Throwable error) {
    String message = String.valueOf(error.getMessage()).toLowerCase(Locale.ROOT);
    return message.contains("out of memory")
        || message.contains("can't allocate memory")
        || message.contains("bad_alloc")
        || message.contains("cublas_status_alloc_failed")
        || message.contains("defaultcpuallocator: not enough memory");
  }

  private static CriaException outOfMemory(Throwable error, String lower) {
    return new CriaException(
        ExitCode.FAULT,
        "out of memory in libtorch (" + firstLine(error) + "): lower " + lower,
        error);
  }

  /**
   * The line that says what went wrong, the first sentence of it where it is long: libtorch adds
   * where it did, and an interpreted function's error begins with its own text.
   */
  public static String firstLine(Throwable error) {
    String message = String.valueOf(error.getMessage());
    String line =
        message
            .lines()
            .filter(text -> text.startsWith(RUNTIME_ERROR))
            .findFirst()
            .map(text -> text.substring(RUNTIME_ERROR.length()))
            .or(() -> message.lines().filter(text -> !text.isBlank()).findFirst())
            .orElse("");
    int sentence = line.indexOf(". ");
    return line.length() > LONG_LINE && sentence > 0 ? line.substring(0, sentence) : line;
  }
}
