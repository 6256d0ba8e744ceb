package io.cria.sft.train;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;

/** More steps in a row had to be skipped than may be: a second try would skip them again. */
public final class GaveUp extends CriaException {
  private static final long serialVersionUID = 1L;

  public GaveUp(String message) {
    super(ExitCode.FAULT, message);
  }
}
