package io.cria.text;

/**
 * The default tokens of the Python package rouge-score without stemming: the text in lower case,
 * then the runs of {@code [a-z0-9]}; everything else separates. Non-Latin text has no tokens.
 *
 * <p>Lower case is Python's {@code str.lower()}. Of all characters beyond ASCII it maps two to a
 * text with an ASCII letter: U+212A (kelvin sign) to {@code k}, and U+0130 (capital I with dot) to
 * {@code i} and a combining dot, which separates.
 */
final class TokenizerRougeEn implements Tokenizer {
  static final String NAME = "rouge-en";
  static final TokenizerRougeEn INSTANCE = new TokenizerRougeEn();

  private static final char KELVIN_SIGN = '\u212A';
  private static final char CAPITAL_I_WITH_DOT = '\u0130';

  private TokenizerRougeEn() {}

  @Override
  public String name() {
    return NAME;
  }

  /** Each character stands in the buffer where it stands in the text. */
  @Override
  public void scan(String text, Sink sink) {
    int length = text.length();
    char[] buffer = new char[length];
    int start = 0;
    int end = 0;
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
        buffer[i] = c;
        end = i + 1;
      } else if (c >= 'A' && c <= 'Z') {
        buffer[i] = (char) (c + ('a' - 'A'));
        end = i + 1;
      } else if (c == KELVIN_SIGN) {
        buffer[i] = 'k';
        end = i + 1;
      } else {
        if (c == CAPITAL_I_WITH_DOT) {
          buffer[i] = 'i';
          end = i + 1;
        }
        if (end > start) {
          sink.token(buffer, start, end);
        }
        start = i + 1;
        end = start;
      }
    }
    if (end > start) {
      sink.token(buffer, start, end);
    }
  }
}
