package io.cria.text;

import java.util.ArrayList;
import java.util.List;

/**
 * White space, digits and words as Python 3's {@code str} and {@code re} define them on text.
 * Everything counts code points; a lone surrogate is a character of its own that is neither space
 * nor word.
 *
 * <p>Source: the Python language reference, {@code str.isspace}, {@code str.split}, {@code
 * str.strip} and module {@code re} without flags. Which characters are letters or digits follows
 * the Unicode version of the running JDK; white space is fixed.
 */
public final class PythonText {
  /** One white-space character, {@code \s}, as a class for {@link java.util.regex.Pattern}. */
  public static final String SPACE =
      "[\\t-\\r\\x1C-\\x20\\x85\\xA0\\u1680\\u2000-\\u200A\\u2028\\u2029\\u202F\\u205F\\u3000]";

  /**
   * One decimal digit of any script, {@code \d}, as a class for {@link java.util.regex.Pattern}.
   */
  public static final String DIGIT = "\\p{Nd}";

  private static final int NUMBERS =
      1 << Character.DECIMAL_DIGIT_NUMBER
          | 1 << Character.LETTER_NUMBER
          | 1 << Character.OTHER_NUMBER;

  private PythonText() {}

  /**
   * {@code str.isspace} of one character, the same set as {@code \s}: also U+001C to U+001F and
   * U+0085.
   */
  public static boolean isSpace(int codePoint) {
    if (codePoint <= 0x20) {
      return codePoint == 0x20
          || (codePoint >= 0x09 && codePoint <= 0x0D)
          || (codePoint >= 0x1C && codePoint <= 0x1F);
    }
    return codePoint == 0x85
        || codePoint == 0xA0
        || codePoint == 0x1680
        || (codePoint >= 0x2000 && codePoint <= 0x200A)
        || codePoint == 0x2028
        || codePoint == 0x2029
        || codePoint == 0x202F
        || codePoint == 0x205F
        || codePoint == 0x3000;
  }

  /** {@code \w}: letters and numbers of every kind, and the underscore; no combining marks. */
  public static boolean isWord(int codePoint) {
    return codePoint == '_'
        || Character.isLetter(codePoint)
        || (NUMBERS >> Character.getType(codePoint) & 1) != 0;
  }

  /** {@code \b} at {@code index}, a position between two code points of {@code text}. */
  public static boolean isWordBoundary(String text, int index) {
    boolean before = index > 0 && isWord(text.codePointBefore(index));
    boolean after = index < text.length() && isWord(text.codePointAt(index));
    return before != after;
  }

  /**
   * {@code string.punctuation}: the 32 ASCII characters that are neither letter, digit, space nor
   * control.
   */
  public static boolean isAsciiPunctuation(int codePoint) {
    return codePoint > 0x20
        && codePoint < 0x7F
        && !(codePoint >= '0' && codePoint <= '9')
        && !(codePoint >= 'A' && codePoint <= 'Z')
        && !(codePoint >= 'a' && codePoint <= 'z');
  }

  /** {@code str.strip()}: without white space at both ends. */
  public static String strip(String text) {
    int start = 0;
    int end = text.length();
    while (start < end && isSpace(text.charAt(start))) {
      start++;
    }
    while (end > start && isSpace(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(start, end);
  }

  /** {@code str.split()}: the runs between white space, none of them empty. */
  public static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= text.length(); i++) {
      if (i == text.length() || isSpace(text.charAt(i))) {
        if (i > start) {
          words.add(text.substring(start, i));
        }
        start = i + 1;
      }
    }
    return words;
  }

  /** Every run of white space as one space, none at the ends. */
  public static String collapse(String text) {
    return String.join(" ", words(text));
  }
}
