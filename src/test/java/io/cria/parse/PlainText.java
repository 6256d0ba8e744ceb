package io.cria.parse;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Text as an array of code points, looked at one by one: slow, plain, and without any pattern. */
final class PlainText {
  private static final List<Integer> SPACES =
      List.of(
          0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1C, 0x1D, 0x1E, 0x1F, 0x20, 0x85, 0xA0, 0x1680, 0x2000,
          0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200A, 0x2028,
          0x2029, 0x202F, 0x205F, 0x3000);

  /** First letters whose title case is several characters. */
  private static final String[][] LONG_TITLES = {
    {"\u00DF", "Ss"},
    {"\uFB01", "Fi"},
    {"\uFB03", "Ffi"},
    {"\u0149", "\u02BCN"},
    {"\u01F0", "J\u030C"},
    {"\u0390", "\u0399\u0308\u0301"},
    {"\u0587", "\u0535\u0582"},
  };

  private PlainText() {}

  static int[] of(String text) {
    return text.codePoints().toArray();
  }

  static String text(int[] codes, int from, int to) {
    return new String(codes, from, to - from);
  }

  static boolean space(int code) {
    return SPACES.contains(code);
  }

  static boolean digit(int code) {
    return Character.getType(code) == Character.DECIMAL_DIGIT_NUMBER;
  }

  static boolean wordCharacter(int code) {
    int type = Character.getType(code);
    return code == '_'
        || Character.isLetter(code)
        || type == Character.DECIMAL_DIGIT_NUMBER
        || type == Character.LETTER_NUMBER
        || type == Character.OTHER_NUMBER;
  }

  static boolean startsAt(int[] codes, int index, String word) {
    for (int i = 0; i < word.length(); i++) {
      if (index + i >= codes.length || codes[index + i] != word.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  static int afterSpaces(int[] codes, int index) {
    int i = index;
    while (i < codes.length && space(codes[i])) {
      i++;
    }
    return i;
  }

  static int afterDigits(int[] codes, int index) {
    int i = index;
    while (i < codes.length && digit(codes[i])) {
      i++;
    }
    return i;
  }

  static String strip(String text) {
    int[] codes = of(text);
    int from = afterSpaces(codes, 0);
    int to = codes.length;
    while (to > from && space(codes[to - 1])) {
      to--;
    }
    return text(codes, from, to);
  }

  static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    for (int code : of(text + " ")) {
      if (!space(code)) {
        word.appendCodePoint(code);
      } else if (word.length() > 0) {
        words.add(word.toString());
        word.setLength(0);
      }
    }
    return words;
  }

  static String lower(String text) {
    StringBuilder out = new StringBuilder();
    int[] codes = of(text);
    for (int i = 0; i < codes.length; i++) {
      out.append(lowerAt(codes, i));
    }
    return out.toString();
  }

  static String firstUpperRestLower(String text) {
    int[] codes = of(text);
    if (codes.length == 0) {
      return "";
    }
    StringBuilder out = new StringBuilder(title(codes[0]));
    for (int i = 1; i < codes.length; i++) {
      out.append(lowerAt(codes, i));
    }
    return out.toString();
  }

  private static String title(int code) {
    String self = Character.toString(code);
    return Arrays.stream(LONG_TITLES)
        .filter(pair -> pair[0].equals(self))
        .map(pair -> pair[1])
        .findFirst()
        .orElse(Character.toString(Character.toTitleCase(code)));
  }

  private static String lowerAt(int[] codes, int index) {
    int code = codes[index];
    if (code == 'Σ') {
      return wordEnds(codes, index) ? "ς" : "σ";
    }
    return code == 'İ' ? "i̇" : Character.toString(Character.toLowerCase(code));
  }

  /**
   * The sigma rule: the nearest character that counts is a letter with case before it, and none
   * after it.
   */
  private static boolean wordEnds(int[] codes, int index) {
    int before = index - 1;
    while (before >= 0 && overlooked(codes[before])) {
      before--;
    }
    int after = index + 1;
    while (after < codes.length && overlooked(codes[after])) {
      after++;
    }
    return before >= 0
        && hasCase(codes[before])
        && !(after < codes.length && hasCase(codes[after]));
  }

  private static boolean hasCase(int code) {
    return Character.isUpperCase(code)
        || Character.isLowerCase(code)
        || Character.getType(code) == Character.TITLECASE_LETTER;
  }

  private static boolean overlooked(int code) {
    int type = Character.getType(code);
    return "'.:\u00B7\u2018\u2019\u2024\u2027\uFF0E\uFF1A".indexOf(code) >= 0
        || type == Character.NON_SPACING_MARK
        || type == Character.ENCLOSING_MARK
        || type == Character.FORMAT
        || type == Character.MODIFIER_LETTER
        || type == Character.MODIFIER_SYMBOL;
  }
}
