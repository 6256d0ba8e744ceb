package io.cria.config;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.util.Map;

/** A configuration that cannot be used: file, line or key, what is wrong, and what to do. */
public final class ConfigException extends CriaException {
  private static final long serialVersionUID = 1L;

  private final String override;
  private final String what;

  public ConfigException(String message) {
    this(message, "", message);
  }

  private ConfigException(String message, String override, String what) {
    super(ExitCode.BAD_INPUT, message);
    this.override = override;
    this.what = what;
  }

  /**
   * The fault of an override.
   *
   * @param key its dotted key
   * @param what what is wrong with it
   */
  static ConfigException ofOverride(String key, String what) {
    return new ConfigException("--set " + key + ": " + what, key, what);
  }

  /**
   * The same, told of the option that was given instead of {@code --set}.
   *
   * @param options dotted key to the option that set it
   */
  public ConfigException toldOf(Map<String, String> options) {
    String option = options.get(override);
    return option == null ? this : new ConfigException(option + ": " + what, override, what);
  }
}
