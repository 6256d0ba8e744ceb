package io.cria.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Texts found in bytes, whatever the case of their letters. */
class NeedleTest {
  private static boolean isIn(String needle, String text) {
    byte[] bytes = ("<" + text + ">").getBytes(StandardCharsets.UTF_8);
    return new Needle(needle).isIn(bytes, 1, bytes.length - 1);
  }

  @ParameterizedTest
  @CsvSource({
    "fish, Name a fish.",
    "FISH, Name a fish.",
    "name A, Name a fish.",
    "fish., Name a fish.",
    "ÄRGER, Kein Ärger hier",
    "ärger, Kein ÄRGER hier",
    "σοφία, Η ΣΟΦΊΑ ΤΗΣ",
    "물고기, 물고기 이름",
    "고기 이, 물고기 이름",
    "ǆ, Ǆ and ǅ",
    "k, K as in kelvin",
    "aab, aaab",
    "😀, so 😀 much"
  })
  void isFound(String needle, String text) {
    assertThat(isIn(needle, text)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"fish, fis", "fish, fi sh", "물고기, 물 고기", "é, e", "ab, a"})
  void isNotFound(String needle, String text) {
    assertThat(isIn(needle, text)).isFalse();
  }

  @Test
  void onlyTheGivenBytesAreLookedThrough() {
    byte[] bytes = "one two".getBytes(StandardCharsets.UTF_8);
    assertThat(new Needle("two").isIn(bytes, 0, 6)).isFalse();
    assertThat(new Needle("one").isIn(bytes, 1, 7)).isFalse();
    assertThat(new Needle("two").isIn(bytes, 4, 7)).isTrue();
    assertThat(new Needle("").isIn(bytes, 3, 3)).isTrue();
  }
}
