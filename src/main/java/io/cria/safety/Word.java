package io.cria.safety;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A word of a text: a run of letters, marks and digits of any script, with apostrophes inside, its
 * bounds Unicode's and not those of ASCII.
 *
 * @param text in lower case, in compatibility form, without invisible characters
 * @param start the first UTF-16 unit in the whole text
 * @param end after the last one
 * @param sentence the number of its sentence
 */
record Word(String text, int start, int end, int sentence) {
  private static final String SENTENCE_ENDS = ".!?。！？…";
  private static final String APOSTROPHES = "'’";

  /** The words of a text. */
  static List<Word> of(String text) {
    List<Word> words = new ArrayList<>();
    int sentence = 0;
    int start = -1;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      int next = i + Character.charCount(c);
      if (continues(text, c, next, start >= 0)) {
        start = start < 0 ? i : start;
      } else {
        if (start >= 0) {
          words.add(new Word(plain(text.substring(start, i)), start, i, sentence));
          start = -1;
        }
        sentence += ends(text, c, next) ? 1 : 0;
      }
      i = next;
    }
    if (start >= 0) {
      words.add(new Word(plain(text.substring(start)), start, text.length(), sentence));
    }
    return words;
  }

  private static boolean continues(String text, int c, int next, boolean inside) {
    if (Character.isLetterOrDigit(c)) {
      return true;
    }
    if (!inside) {
      return false;
    }
    return switch (Character.getType(c)) {
      case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.FORMAT -> true;
      default ->
          APOSTROPHES.indexOf(c) >= 0
              && next < text.length()
              && Character.isLetterOrDigit(text.codePointAt(next));
    };
  }

  private static boolean ends(String text, int c, int next) {
    if (c == '\n') {
      return true;
    }
    boolean last = next == text.length() || !Character.isLetterOrDigit(text.codePointAt(next));
    return last && SENTENCE_ENDS.indexOf(c) >= 0;
  }

  private static String plain(String word) {
    StringBuilder plain = new StringBuilder();
    Normalizer.normalize(word, Normalizer.Form.NFKC)
        .toLowerCase(Locale.ROOT)
        .codePoints()
        .filter(c -> Character.getType(c) != Character.FORMAT)
        .map(c -> c == '’' ? '\'' : c)
        .forEach(plain::appendCodePoint);
    return plain.toString();
  }
}
