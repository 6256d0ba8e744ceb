package io.cria.task;

import java.util.Arrays;
import java.util.IllformedLocaleException;
import java.util.Locale;
import java.util.Set;

/**
 * A language as BCP 47 writes it, such as {@code en} or {@code ko-KR}: its first part is ISO 639's
 * code, of two letters where there is one.
 *
 * @param tag in the usual case: {@code zh-Hant-TW}
 */
public record LanguageTag(String tag) {
  private static final Set<String> TWO_LETTERS =
      Set.copyOf(Arrays.asList(Locale.getISOLanguages()));

  public LanguageTag {
    tag = usual(tag);
  }

  /** The code of the language alone. */
  public String language() {
    return tag.substring(0, tag.indexOf('-') < 0 ? tag.length() : tag.indexOf('-'));
  }

  /** Whether it says more than the language, such as a script or a country. */
  public boolean isNarrower() {
    return tag.contains("-");
  }

  private static String usual(String given) {
    Locale locale;
    try {
      locale = new Locale.Builder().setLanguageTag(given).build();
    } catch (IllformedLocaleException e) {
      throw refused(given);
    }
    String language = locale.getLanguage();
    // ISO 639-3 has some eight thousand codes of three letters, which Java does not list
    boolean known = language.length() == 3 || TWO_LETTERS.contains(language);
    if (!known) {
      throw refused(given);
    }
    return locale.toLanguageTag();
  }

  private static IllegalArgumentException refused(String given) {
    return new IllegalArgumentException(
        "'"
            + given
            + "' is no language's code: give ISO 639's, such as en or ko, or a tag of BCP 47, such"
            + " as pt-BR");
  }
}
