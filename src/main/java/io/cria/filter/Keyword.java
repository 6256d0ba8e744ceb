package io.cria.filter;

import io.cria.task.Draft;
import io.cria.task.Reason;
import io.cria.task.Verdict;
import io.cria.text.PythonCase;
import io.cria.text.PythonText;
import java.util.List;

/**
 * Rejects an instruction that names something a language model cannot handle, in any case.
 *
 * @param words what to look for; white space inside one must stand in the text as it is
 * @param wholeWords whether a word counts only between word boundaries, as in the published
 *     programs; false suits scripts that write no spaces or append particles
 */
public record Keyword(List<String> words, boolean wholeWords) implements Filter {
  public Keyword {
    words = List.copyOf(words);
  }

  @Override
  public Verdict judge(Draft draft) {
    for (String word : words) {
      if (contains(draft.instruction(), word)) {
        return Verdict.reject(Reason.KEYWORD);
      }
    }
    return Verdict.keep();
  }

  private boolean contains(String text, String word) {
    for (int start = 0; start < text.length(); start = text.offsetByCodePoints(start, 1)) {
      int end = matchEnd(text, start, word);
      if (end >= 0 && (!wholeWords || isWhole(text, start, end))) {
        return true;
      }
    }
    return false;
  }

  /** Where {@code word} ends when it stands at {@code start}, else -1. */
  private static int matchEnd(String text, int start, String word) {
    int at = start;
    for (int i = 0; i < word.length(); ) {
      if (at == text.length()) {
        return -1;
      }
      int wanted = word.codePointAt(i);
      int found = text.codePointAt(at);
      if (wanted != found && PythonCase.fold(wanted) != PythonCase.fold(found)) {
        return -1;
      }
      i += Character.charCount(wanted);
      at += Character.charCount(found);
    }
    return at;
  }

  private static boolean isWhole(String text, int start, int end) {
    return PythonText.isWordBoundary(text, start) && PythonText.isWordBoundary(text, end);
  }
}
