package io.cria.pipeline;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;

/** Finds in an exception what a person should be told. */
public final class Faults {
  private Faults() {}

  /** The {@link CriaException} in the chain of causes, or the fault in plain words as one. */
  public static CriaException told(Throwable fault) {
    Throwable deepest = fault;
    for (Throwable cause = fault; cause != null; cause = cause.getCause()) {
      if (cause instanceof CriaException told) {
        return told;
      }
      deepest = cause;
    }
    String message = deepest.getMessage();
    String firstLine = message == null ? "" : message.lines().findFirst().orElse("");
    return new CriaException(
        ExitCode.FAULT,
        "fault of Cria: "
            + deepest.getClass().getSimpleName()
            + (firstLine.isEmpty() ? "" : ": " + firstLine)
            + "; --verbose shows where",
        fault);
  }
}
