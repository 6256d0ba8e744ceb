package io.cria.config;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;

/** A configuration that cannot be used: file, line or key, what is wrong, and what to do. */
public final class ConfigException extends CriaException {
  private static final long serialVersionUID = 1L;

  public ConfigException(String message) {
    super(ExitCode.BAD_INPUT, message);
  }
}
