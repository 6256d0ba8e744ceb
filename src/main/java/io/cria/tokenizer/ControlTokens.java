package io.cria.tokenizer;

import io.cria.template.ControlTexts;
import io.cria.template.Range;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The control tokens of a vocabulary, to be found in a layout's text. Some take the white space
 * beside them with them, as the tokenizers library lets {@code lstrip} and {@code rstrip} say.
 */
final class ControlTokens {
  private static final Pattern LEADING = Pattern.compile("^\\s+", Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern SPACE = Pattern.compile("\\s", Pattern.UNICODE_CHARACTER_CLASS);

  private final Map<String, Token> tokens = new HashMap<>();
  private final ControlTexts texts;

  /**
   * @param takesLeft whether white space before it belongs to it
   * @param takesRight whether white space behind it belongs to it
   */
  record Token(String text, int id, boolean takesLeft, boolean takesRight) {}

  /** A token, and where it begins. */
  record Found(Token token, int start) {
    int end() {
      return start + token.text().length();
    }
  }

  /**
   * @param control ids by text
   * @param takesLeft the texts of those that take white space before them
   * @param takesRight the texts of those that take white space behind them
   */
  ControlTokens(Map<String, Integer> control, Set<String> takesLeft, Set<String> takesRight) {
    this.texts = new ControlTexts(control.keySet());
    control.forEach(
        (text, id) ->
            tokens.put(
                text, new Token(text, id, takesLeft.contains(text), takesRight.contains(text))));
  }

  /** The first one from there, the longest that begins at its place; null where there is none. */
  @Nullable Found next(String text, int from) {
    Range range = texts.next(text, from);
    return range == null
        ? null
        : new Found(
            Objects.requireNonNull(tokens.get(text.substring(range.start(), range.end()))),
            range.start());
  }

  static String withoutLeadingSpace(String text) {
    return LEADING.matcher(text).replaceFirst("");
  }

  static String withoutTrailingSpace(String text) {
    int end = text.length();
    // every character of white space is one unit
    while (end > 0 && SPACE.matcher(text.substring(end - 1, end)).matches()) {
      end--;
    }
    return text.substring(0, end);
  }
}
