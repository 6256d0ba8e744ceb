package io.cria.filter;

import io.cria.task.Draft;
import io.cria.task.Reason;
import io.cria.task.Verdict;
import io.cria.text.PythonText;

/**
 * Rejects an instruction of too few words.
 *
 * @param minWords words between white space an instruction must have
 */
public record TooShort(int minWords) implements Filter {
  @Override
  public Verdict judge(Draft draft) {
    return PythonText.words(draft.instruction()).size() < minWords
        ? Verdict.reject(Reason.TOO_SHORT)
        : Verdict.keep();
  }
}
