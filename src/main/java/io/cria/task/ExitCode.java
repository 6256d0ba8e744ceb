package io.cria.task;

/** What a command's exit code says. */
public enum ExitCode {
  DONE(0),
  FAULT(1),
  BAD_INPUT(2),
  STOPPED(3),
  CAP_REACHED(4),
  ENDPOINT(5),
  RUN_REFUSED(6);

  private final int code;

  ExitCode(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }

  /**
   * The one of that number.
   *
   * @throws IllegalArgumentException when there is none
   */
  public static ExitCode of(int code) {
    for (ExitCode each : values()) {
      if (each.code == code) {
        return each;
      }
    }
    throw new IllegalArgumentException("no exit code of ours: " + code);
  }

  /** Whether the same command may simply be given again to go on. */
  public boolean isResumable() {
    return this == STOPPED || this == CAP_REACHED;
  }
}
