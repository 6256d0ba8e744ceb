package io.cria.llm;

import org.jspecify.annotations.Nullable;

/**
 * JSON can escape half a surrogate pair, which is no character and has no bytes in UTF-8: each
 * writer would make something else of it.
 */
final class LoneSurrogates {
  private static final char REPLACEMENT = '\uFFFD';

  private LoneSurrogates() {}

  /** The text with U+FFFD in place of each half of a pair that lacks its other half. */
  static @Nullable String replaced(@Nullable String text) {
    if (text == null || !hasSurrogate(text)) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              boolean lone = c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
              out.appendCodePoint(lone ? REPLACEMENT : c);
            });
    return out.toString();
  }

  private static boolean hasSurrogate(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        return true;
      }
    }
    return false;
  }
}
