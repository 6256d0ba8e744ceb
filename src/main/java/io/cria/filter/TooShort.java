package io.cria.filter;

import io.cria.task.Draft;
import io.cria.task.Reason;
import io.cria.task.Verdict;
import io.cria.text.PythonText;

/**
 * Rejects an instruction of too few words, or of too few characters.
 *
 * @param minWords words between white space an instruction must have
 * @param minCharacters characters other than white space it must have; the published programs ask
 *     for none
 */
public record TooShort(int minWords, int minCharacters) implements Filter {
  @Override
  public Verdict judge(Draft draft) {
    String text = draft.instruction();
    return PythonText.words(text).size() < minWords || characters(text) < minCharacters
        ? Verdict.reject(Reason.TOO_SHORT)
        : Verdict.keep();
  }

  /** Characters other than white space. */
  static long characters(String text) {
    return text.codePoints().filter(c -> !PythonText.isSpace(c)).count();
  }
}
