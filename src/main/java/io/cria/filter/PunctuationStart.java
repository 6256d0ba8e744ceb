package io.cria.filter;

import io.cria.task.Draft;
import io.cria.task.Reason;
import io.cria.task.Verdict;
import io.cria.text.PythonText;

/** Rejects an instruction whose first character is ASCII punctuation. */
public record PunctuationStart() implements Filter {
  @Override
  public Verdict judge(Draft draft) {
    String text = draft.instruction();
    return !text.isEmpty() && PythonText.isAsciiPunctuation(text.codePointAt(0))
        ? Verdict.reject(Reason.PUNCTUATION_START)
        : Verdict.keep();
  }
}
