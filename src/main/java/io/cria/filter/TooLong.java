package io.cria.filter;

import io.cria.task.Draft;
import io.cria.task.Reason;
import io.cria.task.Verdict;
import io.cria.text.PythonText;

/**
 * Rejects an instruction of too many words.
 *
 * @param maxWords words between white space an instruction may have
 */
public record TooLong(int maxWords) implements Filter {
  @Override
  public Verdict judge(Draft draft) {
    return PythonText.words(draft.instruction()).size() > maxWords
        ? Verdict.reject(Reason.TOO_LONG)
        : Verdict.keep();
  }
}
