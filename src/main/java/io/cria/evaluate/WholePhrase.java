package io.cria.evaluate;

import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Whether a string occurs in a text as a whole: whatever its case, with any white space for white
 * space, where no letter or digit touches its ends, nor a point or comma with a digit beyond it.
 */
final class WholePhrase {
  private static final String BEFORE = "(?<![\\p{L}\\p{N}])(?<!\\p{N}[.,])";
  private static final String AFTER = "(?![\\p{L}\\p{N}])(?![.,]\\p{N})";

  private WholePhrase() {}

  static boolean occurs(String phrase, String text) {
    String words =
        Stream.of(phrase.strip().split("\\s+"))
            .map(Pattern::quote)
            .collect(Collectors.joining("\\s+"));
    return Pattern.compile(BEFORE + words + AFTER, Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE)
        .matcher(text)
        .find();
  }
}
