package io.cria.filter;

import io.cria.task.Draft;
import io.cria.task.Reason;
import io.cria.task.Verdict;
import io.cria.text.KoreanParticles;
import java.util.List;

/**
 * Rejects an instruction that names something a language model cannot handle, in Korean: each word
 * counts where a run of letters and digits is that word alone, or that word and particles. 그림 is
 * found in 그림을 and 그림에서는, not in 그림자 or 밑그림.
 *
 * @param words the nouns; one of several words, such as 녹음 파일, stands with single spaces, and
 *     particles may follow the last
 * @param except phrases in which none of the words counts, in the same form: 지도 교수 is no map
 */
public record KoreanKeyword(List<String> words, List<String> except) implements Filter {
  public KoreanKeyword {
    words = List.copyOf(words);
    except = List.copyOf(except);
  }

  @Override
  public Verdict judge(Draft draft) {
    String text = draft.instruction();
    for (String word : words) {
      for (int at = next(text, word, 0); at >= 0; at = next(text, word, at + 1)) {
        if (!isExcepted(text, at)) {
          return Verdict.reject(Reason.KOREAN_KEYWORD);
        }
      }
    }
    return Verdict.keep();
  }

  private boolean isExcepted(String text, int at) {
    for (String phrase : except) {
      int first = Math.max(0, at - phrase.length());
      for (int start = next(text, phrase, first);
          start >= 0 && start <= at;
          start = next(text, phrase, start + 1)) {
        if (at < start + phrase.length()) {
          return true;
        }
      }
    }
    return false;
  }

  /** Where {@code phrase} next stands as words of its own from {@code from} on; -1 without. */
  private static int next(String text, String phrase, int from) {
    for (int at = text.indexOf(phrase, from); at >= 0; at = text.indexOf(phrase, at + 1)) {
      boolean begins = at == 0 || !isLetter(text.codePointBefore(at));
      if (begins && KoreanParticles.are(rest(text, at + phrase.length()))) {
        return at;
      }
    }
    return -1;
  }

  /** What follows without a break. */
  private static String rest(String text, int start) {
    int end = start;
    while (end < text.length() && isLetter(text.codePointAt(end))) {
      end += Character.charCount(text.codePointAt(end));
    }
    return text.substring(start, end);
  }

  private static boolean isLetter(int c) {
    return Character.isLetterOrDigit(c);
  }
}
