package io.cria.text;

import java.text.Normalizer;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Where the characters of a changed text come from: for each of its places, and for its end, the
 * place in the text before.
 */
final class Places {
  private Places() {}

  /** Of {@link String#toLowerCase(Locale)} with {@link Locale#ROOT}. */
  static int[] ofLowerCase(String text) {
    IntStream.Builder places = IntStream.builder();
    for (int i = 0; i < text.length(); i++) {
      // one alone stays one, but for a capital I with a dot, which becomes two
      int length = text.substring(i, i + 1).toLowerCase(Locale.ROOT).length();
      for (int k = 0; k < length; k++) {
        places.add(i);
      }
    }
    return places.add(text.length()).build().toArray();
  }

  /** Of {@link Normalizer.Form#NFC}. */
  static int[] ofComposed(String text) {
    IntStream.Builder places = IntStream.builder();
    for (int start = 0; start < text.length(); ) {
      int end = start + Character.charCount(text.codePointAt(start));
      while (end < text.length() && joins(text.codePointAt(end))) {
        end += Character.charCount(text.codePointAt(end));
      }
      String composed = Normalizer.normalize(text.substring(start, end), Normalizer.Form.NFC);
      for (int k = 0; k < composed.length(); k++) {
        places.add(Math.min(start + k, end));
      }
      start = end;
    }
    return places.add(text.length()).build().toArray();
  }

  /** Whether a character composes with those before it: a mark, or a later letter of a syllable. */
  private static boolean joins(int c) {
    return (c >= 0x1160 && c <= 0x11FF)
        || switch (Character.getType(c)) {
          case Character.NON_SPACING_MARK,
              Character.COMBINING_SPACING_MARK,
              Character.ENCLOSING_MARK ->
              true;
          default -> false;
        };
  }
}
