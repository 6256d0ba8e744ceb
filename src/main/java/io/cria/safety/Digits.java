package io.cria.safety;

/** Numbers written with separators. */
final class Digits {
  private static final char STAR = '*';

  private Digits() {}

  /** The ASCII digits of a text alone. */
  static String only(String text) {
    StringBuilder digits = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      if (isDigit(text.charAt(i))) {
        digits.append(text.charAt(i));
      }
    }
    return digits.toString();
  }

  /** The text with stars for all but the last {@code shown} of its digits. */
  static String masked(String text, int shown) {
    int hidden = only(text).length() - shown;
    StringBuilder masked = new StringBuilder(text);
    for (int i = 0; i < text.length() && hidden > 0; i++) {
      if (isDigit(text.charAt(i))) {
        masked.setCharAt(i, STAR);
        hidden--;
      }
    }
    return masked.toString();
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
