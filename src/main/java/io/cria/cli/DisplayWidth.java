package io.cria.cli;

import java.lang.Character.UnicodeScript;
import java.util.ArrayList;
import java.util.List;

/**
 * How many columns of a terminal a text takes: two for a character of the East, none for a mark
 * upon another (Unicode's annex 11, as terminals follow it).
 */
final class DisplayWidth {
  private static final String MORE = "…";

  /** Hangul vowels and finals, which a terminal joins to the consonant before them. */
  private static final int JOINED_FROM = 0x1160;

  private static final int JOINED_TO = 0x11ff;

  private DisplayWidth() {}

  static int of(String text) {
    return text.codePoints().map(DisplayWidth::of).sum();
  }

  private static int of(int codePoint) {
    if (codePoint < 0x300) {
      return 1;
    }
    int type = Character.getType(codePoint);
    if (type == Character.NON_SPACING_MARK
        || type == Character.ENCLOSING_MARK
        || type == Character.FORMAT
        || (codePoint >= JOINED_FROM && codePoint <= JOINED_TO)) {
      return 0;
    }
    return isWide(codePoint) ? 2 : 1;
  }

  private static boolean isWide(int codePoint) {
    if (codePoint < 0x1100) {
      return false;
    }
    // signs and full-width forms of the East; pictures
    if ((codePoint >= 0x3000 && codePoint <= 0x303e)
        || (codePoint >= 0xff01 && codePoint <= 0xff60)
        || (codePoint >= 0xffe0 && codePoint <= 0xffe6)
        || (codePoint >= 0x1f300 && codePoint <= 0x1faff)) {
      return true;
    }
    // half-width letters
    if (codePoint >= 0xff61 && codePoint <= 0xffdc) {
      return false;
    }
    UnicodeScript script = UnicodeScript.of(codePoint);
    return script == UnicodeScript.HAN
        || script == UnicodeScript.HANGUL
        || script == UnicodeScript.HIRAGANA
        || script == UnicodeScript.KATAKANA
        || script == UnicodeScript.BOPOMOFO
        || script == UnicodeScript.YI;
  }

  /** At most so many columns of a text, the last an ellipsis where it is longer. */
  static String cut(String text, int columns) {
    // no text takes more columns than twice its length: most are short
    if (text.length() <= columns / 2 || of(text) <= columns) {
      return text;
    }
    return text.substring(0, fitting(text, columns - 1)) + MORE;
  }

  /** How much of a text, in chars, fits so many columns; a mark stays with what it stands upon. */
  private static int fitting(String text, int columns) {
    int taken = 0;
    int at = 0;
    while (at < text.length()) {
      int codePoint = text.codePointAt(at);
      taken += of(codePoint);
      if (taken > columns) {
        return at;
      }
      at += Character.charCount(codePoint);
    }
    return at;
  }

  /** A text with spaces behind it, up to so many columns. */
  static String padded(String text, int columns) {
    return text + " ".repeat(Math.max(0, columns - of(text)));
  }

  /**
   * Where to break a text so that each line has so many columns at most: at spaces, or inside a
   * word that is longer than a line. Its own line breaks stay.
   *
   * @return the end of each line, in chars, a space or line break after it left out by the next
   *     line's begin; {@code [begin, end]} each
   */
  static List<int[]> lines(String text, int columns) {
    List<int[]> lines = new ArrayList<>();
    int begin = 0;
    while (begin <= text.length()) {
      int stop = text.indexOf('\n', begin);
      int end = stop < 0 ? text.length() : stop;
      wrap(text, begin, end, columns, lines);
      begin = end + 1;
    }
    return lines;
  }

  private static void wrap(String text, int from, int to, int columns, List<int[]> lines) {
    int begin = from;
    while (of(text.substring(begin, to)) > columns) {
      int most = begin + Math.max(1, fitting(text.substring(begin, to), columns));
      int space = text.lastIndexOf(' ', most);
      boolean atSpace = space > begin;
      int end = atSpace ? space : most;
      lines.add(new int[] {begin, end});
      begin = atSpace ? end + 1 : end;
    }
    lines.add(new int[] {begin, to});
  }
}
