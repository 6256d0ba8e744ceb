package io.cria.ask;

import io.cria.llm.StopReason;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;

/**
 * What a task of asking brings home. Travels as strings, which any serializer carries.
 *
 * @param reason why it took no more requests
 * @param exitCode of its failure; {@link ExitCode#DONE} without one
 * @param error the failure's one line; empty without one
 * @param ended requests that ended
 * @param sent attempts
 */
record AskReport(StopReason reason, ExitCode exitCode, String error, long ended, long sent) {
  static AskReport ended(StopReason reason, long ended, long sent) {
    return new AskReport(reason, ExitCode.DONE, "", ended, sent);
  }

  static AskReport failed(CriaException e, long ended, long sent) {
    return new AskReport(
        StopReason.FAULT, e.exitCode(), String.valueOf(e.getMessage()), ended, sent);
  }

  boolean isFailed() {
    return exitCode != ExitCode.DONE;
  }

  String[] toStrings() {
    return new String[] {
      reason.name(), exitCode.name(), error, String.valueOf(ended), String.valueOf(sent)
    };
  }

  static AskReport of(String[] strings) {
    return new AskReport(
        StopReason.valueOf(strings[0]),
        ExitCode.valueOf(strings[1]),
        strings[2],
        Long.parseLong(strings[3]),
        Long.parseLong(strings[4]));
  }
}
