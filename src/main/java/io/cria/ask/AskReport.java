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
 */
record AskReport(StopReason reason, ExitCode exitCode, String error) {
  static AskReport ended(StopReason reason) {
    return new AskReport(reason, ExitCode.DONE, "");
  }

  static AskReport failed(CriaException e) {
    return new AskReport(StopReason.FAULT, e.exitCode(), String.valueOf(e.getMessage()));
  }

  boolean isFailed() {
    return exitCode != ExitCode.DONE;
  }

  String[] toStrings() {
    return new String[] {reason.name(), exitCode.name(), error};
  }

  static AskReport of(String[] strings) {
    return new AskReport(StopReason.valueOf(strings[0]), ExitCode.valueOf(strings[1]), strings[2]);
  }
}
