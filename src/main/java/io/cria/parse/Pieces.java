package io.cria.parse;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Splitting as the programs' {@code re.split} does it: n separators give n + 1 pieces, empty ones
 * included.
 */
final class Pieces {
  private Pieces() {}

  /** The pieces of {@code text} around every match. */
  static List<String> around(Pattern separator, String text) {
    List<String> pieces = new ArrayList<>();
    Matcher matcher = separator.matcher(text);
    int start = 0;
    while (matcher.find()) {
      pieces.add(text.substring(start, matcher.start()));
      start = matcher.end();
    }
    pieces.add(text.substring(start));
    return pieces;
  }

  /** The pieces of {@code text} around every occurrence of the literal {@code separator}. */
  static List<String> around(String separator, String text) {
    return around(Pattern.compile(separator, Pattern.LITERAL), text);
  }
}
