package io.cria.cli;

import java.util.Locale;

/**
 * Texts that others wrote, for a person: what a terminal would obey is shown by signs. Line ends
 * and tabs stay as they are.
 */
final class Visible {
  private Visible() {}

  /**
   * For example {@code ␛[31m} for the escape sequence of red, {@code ␍} for a carriage return and
   * {@code <U+009B>} for a control character that has no sign of its own.
   */
  static String of(String text) {
    if (text.codePoints().noneMatch(Visible::isObeyed)) {
      return text;
    }
    StringBuilder shown = new StringBuilder();
    text.codePoints().forEach(point -> append(shown, point));
    return shown.toString();
  }

  private static void append(StringBuilder shown, int point) {
    if (!isObeyed(point)) {
      shown.appendCodePoint(point);
    } else if (point < 0x20) {
      shown.appendCodePoint(0x2400 + point);
    } else if (point == 0x7f) {
      shown.append('␡');
    } else {
      shown.append(String.format(Locale.ROOT, "<U+%04X>", point));
    }
  }

  /** A control character of either set, or one that turns the direction of writing. */
  private static boolean isObeyed(int point) {
    return (point < 0x20 && point != '\n' && point != '\t')
        || (point >= 0x7f && point < 0xa0)
        || (point >= 0x202a && point <= 0x202e)
        || (point >= 0x2066 && point <= 0x2069);
  }
}
