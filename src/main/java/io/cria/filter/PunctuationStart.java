package io.cria.filter;

import io.cria.task.Draft;
import io.cria.task.Reason;
import io.cria.task.Verdict;
import io.cria.text.PythonText;

/**
 * Rejects an instruction whose first character is ASCII punctuation.
 *
 * @param except characters that an instruction may begin with all the same: a language may begin a
 *     task with what it is about, in quotes
 */
public record PunctuationStart(String except) implements Filter {
  @Override
  public Verdict judge(Draft draft) {
    String text = draft.instruction();
    if (text.isEmpty()) {
      return Verdict.keep();
    }
    int first = text.codePointAt(0);
    return PythonText.isAsciiPunctuation(first) && except.indexOf(first) < 0
        ? Verdict.reject(Reason.PUNCTUATION_START)
        : Verdict.keep();
  }
}
