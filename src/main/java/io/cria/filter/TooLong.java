package io.cria.filter;

import io.cria.task.Draft;
import io.cria.task.Reason;
import io.cria.task.Verdict;
import io.cria.text.PythonText;

/**
 * Rejects an instruction of too many words, or of too many characters.
 *
 * @param maxWords words between white space an instruction may have
 * @param maxCharacters characters other than white space it may have; the published programs have
 *     no such limit
 */
public record TooLong(int maxWords, int maxCharacters) implements Filter {
  @Override
  public Verdict judge(Draft draft) {
    String text = draft.instruction();
    return PythonText.words(text).size() > maxWords || TooShort.characters(text) > maxCharacters
        ? Verdict.reject(Reason.TOO_LONG)
        : Verdict.keep();
  }
}
