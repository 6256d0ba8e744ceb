package io.cria.filter;

import io.cria.task.Draft;
import io.cria.task.Reason;
import io.cria.task.Verdict;

/** Rejects an instruction whose first character is not ASCII. */
public record NonAsciiStart() implements Filter {
  @Override
  public Verdict judge(Draft draft) {
    String text = draft.instruction();
    return !text.isEmpty() && text.charAt(0) >= 0x80
        ? Verdict.reject(Reason.NON_ASCII_START)
        : Verdict.keep();
  }
}
