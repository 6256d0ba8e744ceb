package io.cria.llm;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import org.jspecify.annotations.Nullable;

/** A key or a header's value is not where this host was told to read it. Names its place only. */
public final class MissingSecretException extends CriaException {
  private static final long serialVersionUID = 1L;

  private final String what;
  private final String place;
  private final String trouble;

  /**
   * @param what it is: {@code key}
   * @param place where it should stand: {@code environment variable KEY}, {@code file /etc/key}
   * @param trouble what is wrong there: {@code is not set}
   */
  MissingSecretException(
      String what, String place, String trouble, String remedy, @Nullable Throwable cause) {
    super(
        ExitCode.ENDPOINT,
        "no " + what + " for the endpoint, " + place + " " + trouble + ": " + remedy,
        cause);
    this.what = what;
    this.place = place;
    this.trouble = trouble;
  }

  /** What it is. */
  public String what() {
    return what;
  }

  /** Where it should stand. */
  public String place() {
    return place;
  }

  /** What is wrong there. */
  public String trouble() {
    return trouble;
  }
}
