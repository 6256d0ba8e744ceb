package io.cria.ask;

import io.cria.llm.MissingSecretException;
import io.cria.llm.StopReason;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.util.List;

/**
 * What a task of asking brings home. Travels as strings, which any serializer carries.
 *
 * @param reason why it took no more requests
 * @param exitCode of its failure; {@link ExitCode#DONE} without one
 * @param error the failure's one line; empty without one
 * @param keyless what its host lacks; none where it has its keys
 */
record AskReport(StopReason reason, ExitCode exitCode, String error, List<Keyless> keyless) {
  static AskReport ended(StopReason reason) {
    return new AskReport(reason, ExitCode.DONE, "", List.of());
  }

  /**
   * @param host the task's
   */
  static AskReport failed(CriaException e, String host) {
    return new AskReport(
        StopReason.FAULT,
        e.exitCode(),
        String.valueOf(e.getMessage()),
        e instanceof MissingSecretException missing
            ? List.of(new Keyless(host, missing.what(), missing.place(), missing.trouble()))
            : List.of());
  }

  boolean isFailed() {
    return exitCode != ExitCode.DONE;
  }

  String[] toStrings() {
    return keyless.isEmpty()
        ? new String[] {reason.name(), exitCode.name(), error}
        : new String[] {
          reason.name(),
          exitCode.name(),
          error,
          keyless.get(0).host(),
          keyless.get(0).what(),
          keyless.get(0).place(),
          keyless.get(0).trouble()
        };
  }

  static AskReport of(String[] strings) {
    return new AskReport(
        StopReason.valueOf(strings[0]),
        ExitCode.valueOf(strings[1]),
        strings[2],
        strings.length == 3
            ? List.of()
            : List.of(new Keyless(strings[3], strings[4], strings[5], strings[6])));
  }
}
