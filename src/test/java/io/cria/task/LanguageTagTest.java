package io.cria.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LanguageTagTest {
  @ParameterizedTest
  @CsvSource({
    "en, en, en",
    "KO, ko, ko",
    "pt-br, pt-BR, pt",
    "zh-hant-tw, zh-Hant-TW, zh",
    "yue, yue, yue"
  })
  void codesAreWrittenInTheUsualCase(String given, String tag, String language) {
    assertThat(new LanguageTag(given).tag()).isEqualTo(tag);
    assertThat(new LanguageTag(given).language()).isEqualTo(language);
    assertThat(new LanguageTag(given).isNarrower()).isEqualTo(tag.contains("-"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"english", "en_US", "xx", "", "e", "deutsch-DE"})
  void whatIsNoCodeIsRefused(String given) {
    assertThatThrownBy(() -> new LanguageTag(given))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("'" + given + "' is no language's code: give ISO 639's");
  }
}
