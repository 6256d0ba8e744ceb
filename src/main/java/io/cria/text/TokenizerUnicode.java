package io.cria.text;

import java.lang.Character.UnicodeScript;
import java.util.Locale;

/**
 * Tokens for every script: the text in lower case ({@link Locale#ROOT}), then runs of letters,
 * marks and decimal digits. A run begins with a letter or a digit; a mark without one separates,
 * like everything else. In scripts that write no spaces between words (Han, Hiragana, Katakana,
 * Thai, Lao, Khmer) each letter, with the marks that follow it, is a token by itself: a dictionary
 * of words would tie results to its version.
 */
final class TokenizerUnicode implements Tokenizer {
  static final String NAME = "unicode-1";
  static final TokenizerUnicode INSTANCE = new TokenizerUnicode();

  /** The sign that lengthens a vowel in Kana; Unicode gives it to no script. */
  private static final int PROLONGED_SOUND = 0x30FC;

  private static final int PROLONGED_SOUND_HALF_WIDTH = 0xFF70;

  private TokenizerUnicode() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int[] places(String text) {
    return Places.ofLowerCase(text);
  }

  @Override
  public void scan(String text, Sink sink) {
    char[] buffer = text.toLowerCase(Locale.ROOT).toCharArray();
    int start = 0;
    int end = 0;
    boolean alone = false;
    for (int i = 0; i < buffer.length; ) {
      int c = Character.codePointAt(buffer, i);
      int next = i + Character.charCount(c);
      boolean base = Character.isLetter(c) || Character.isDigit(c);
      boolean open = end > start;
      if (base) {
        boolean single = standsAlone(c);
        if (open && (alone || single)) {
          sink.token(buffer, start, end);
          open = false;
        }
        if (!open) {
          start = i;
        }
        end = next;
        alone = single;
      } else if (open && isMark(c)) {
        end = next;
      } else {
        if (open) {
          sink.token(buffer, start, end);
        }
        start = next;
        end = next;
      }
      i = next;
    }
    if (end > start) {
      sink.token(buffer, start, end);
    }
  }

  private static boolean isMark(int c) {
    return switch (Character.getType(c)) {
      case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK ->
          true;
      default -> false;
    };
  }

  private static boolean standsAlone(int c) {
    // All of these scripts lie above Thai's first code point, so Latin text skips the look-up.
    if (c < 0x0E00 || !Character.isLetter(c)) {
      return false;
    }
    if (c == PROLONGED_SOUND || c == PROLONGED_SOUND_HALF_WIDTH) {
      return true;
    }
    return switch (UnicodeScript.of(c)) {
      case HAN, HIRAGANA, KATAKANA, THAI, LAO, KHMER -> true;
      default -> false;
    };
  }
}
