package io.cria.text;

import java.util.Locale;

/**
 * Case as Python 3 knows it: full mappings without a locale, the final sigma decided by its
 * neighbours, and the folding of {@code re.IGNORECASE}.
 *
 * <p>Source: The Unicode Standard, section 3.13 and SpecialCasing.txt; the Python documentation of
 * {@code str.lower}, {@code str.capitalize} and {@code re.IGNORECASE}. Pairs of letters follow the
 * Unicode version of the running JDK.
 */
public final class PythonCase {
  private static final int CAPITAL_I_WITH_DOT = 0x130;
  private static final int CAPITAL_SIGMA = 0x3A3;
  private static final int SMALL_SIGMA = 0x3C3;
  private static final int FINAL_SIGMA = 0x3C2;
  private static final int CAPITAL_IOTA = 0x399;
  private static final int IOTA_SUBSCRIPT = 0x345;

  private static final int MARKS =
      1 << Character.NON_SPACING_MARK
          | 1 << Character.ENCLOSING_MARK
          | 1 << Character.FORMAT
          | 1 << Character.MODIFIER_LETTER
          | 1 << Character.MODIFIER_SYMBOL;

  private PythonCase() {}

  /** {@code str.lower()}. */
  public static String lower(String text) {
    StringBuilder out = new StringBuilder(text.length());
    appendLower(out, text, 0);
    return out.toString();
  }

  /** {@code str.capitalize()}: the first character in title case, the others in lower case. */
  public static String capitalize(String text) {
    if (text.isEmpty()) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length() + 2);
    int first = text.codePointAt(0);
    appendTitle(out, first);
    appendLower(out, text, Character.charCount(first));
    return out.toString();
  }

  /**
   * What {@code re.IGNORECASE} compares: two characters match when this is equal. One to one, so ß
   * does not match ss; İ and ı match i, ſ matches s, the Kelvin sign matches k.
   */
  public static int fold(int codePoint) {
    int lower = Character.toLowerCase(codePoint);
    if (lower < 0x80) {
      return lower;
    }
    return switch (lower) {
      // Three pairs of different letters whose upper-case forms, two or three characters long, are
      // the same.
      case 0x1FD3 -> 0x390;
      case 0x1FE3 -> 0x3B0;
      case 0xFB05 -> 0xFB06;
      default -> Character.toLowerCase(Character.toUpperCase(lower));
    };
  }

  private static void appendLower(StringBuilder out, String text, int from) {
    for (int i = from; i < text.length(); ) {
      int codePoint = text.codePointAt(i);
      if (codePoint == CAPITAL_SIGMA) {
        out.appendCodePoint(isFinal(text, i) ? FINAL_SIGMA : SMALL_SIGMA);
      } else if (codePoint == CAPITAL_I_WITH_DOT) {
        out.append("i\u0307");
      } else {
        out.appendCodePoint(Character.toLowerCase(codePoint));
      }
      i += Character.charCount(codePoint);
    }
  }

  /**
   * A letter stands before the sigma at {@code index} and none after it, marks and the like not
   * counted.
   */
  private static boolean isFinal(String text, int index) {
    int before = index;
    int codePoint = -1;
    while (before > 0) {
      codePoint = text.codePointBefore(before);
      if (!isCaseIgnorable(codePoint)) {
        break;
      }
      before -= Character.charCount(codePoint);
    }
    if (before == 0 || !isCased(codePoint)) {
      return false;
    }
    for (int after = index + 1; after < text.length(); ) {
      codePoint = text.codePointAt(after);
      if (!isCaseIgnorable(codePoint)) {
        return !isCased(codePoint);
      }
      after += Character.charCount(codePoint);
    }
    return true;
  }

  /** The Unicode property Cased. */
  private static boolean isCased(int codePoint) {
    return Character.isLowerCase(codePoint)
        || Character.isUpperCase(codePoint)
        || Character.isTitleCase(codePoint);
  }

  /**
   * The Unicode property Case_Ignorable: marks, modifiers, and the punctuation that stands inside
   * words.
   */
  private static boolean isCaseIgnorable(int codePoint) {
    if ((MARKS >> Character.getType(codePoint) & 1) != 0) {
      return true;
    }
    return switch (codePoint) {
      case '\'', '.', ':', 0xB7, 0x387, 0x55F, 0x5F4, 0x2018, 0x2019, 0x2024, 0x2027 -> true;
      case 0xFE13, 0xFE52, 0xFE55, 0xFF07, 0xFF0E, 0xFF1A -> true;
      default -> false;
    };
  }

  /**
   * The full title-case mapping. Where upper case takes several characters and no single title-case
   * letter exists, the title form is the upper form with everything after its first cased letter in
   * lower case (ﬁ gives Fi, ŉ gives ʼN), an iota written as the subscript it came from.
   */
  private static void appendTitle(StringBuilder out, int codePoint) {
    String upper = Character.toString(codePoint).toUpperCase(Locale.ROOT);
    int single = Character.toTitleCase(codePoint);
    if (single != codePoint
        || Character.isTitleCase(codePoint)
        || upper.codePointCount(0, upper.length()) == 1) {
      out.appendCodePoint(single);
      return;
    }
    boolean capitalSeen = false;
    for (int i = 0; i < upper.length(); i++) {
      char each = upper.charAt(i);
      if (!capitalSeen) {
        out.append(each);
      } else {
        out.append(each == CAPITAL_IOTA ? (char) IOTA_SUBSCRIPT : Character.toLowerCase(each));
      }
      capitalSeen |= Character.isUpperCase(each);
    }
  }
}
