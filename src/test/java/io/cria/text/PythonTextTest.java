package io.cria.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PythonTextTest {
  @Test
  void white_space_is_unicodes_and_the_four_separators_below_the_blank() {
    String spaces =
        "\t\n"
            + "\u000B\f\r"
            + "\u001C\u001D\u001E\u001F"
            + " \u0085\u00A0\u1680\u2000\u200A\u2028\u2029\u202F\u205F\u3000";
    assertThat(spaces.codePoints().allMatch(PythonText::isSpace)).isTrue();
    assertThat("\u0000\u001B\u200B\u180E\u2060\uFEFFa".codePoints().noneMatch(PythonText::isSpace))
        .isTrue();
  }

  @Test
  void the_pattern_class_and_the_predicate_are_one_set() {
    Pattern space = Pattern.compile(PythonText.SPACE);
    for (int code = 0; code <= 0xFFFF; code++) {
      assertThat(space.matcher(Character.toString(code)).matches())
          .as("U+%04X", code)
          .isEqualTo(PythonText.isSpace(code));
    }
  }

  @Test
  void digits_are_decimal_digits_of_every_script() {
    Pattern digit = Pattern.compile(PythonText.DIGIT);
    assertThat(List.of("7", "٣", "५", "\uD835\uDFD8"))
        .allMatch(text -> digit.matcher(text).matches());
    assertThat(List.of("²", "Ⅷ", "½", "五")).noneMatch(text -> digit.matcher(text).matches());
  }

  @Test
  void word_characters_are_letters_numbers_and_underscore_but_no_marks() {
    assertThat("aß한日_7²Ⅷ½ªʰ".codePoints().allMatch(PythonText::isWord)).isTrue();
    assertThat("\u0301 -'€\u00AD".codePoints().noneMatch(PythonText::isWord)).isTrue();
    assertThat(PythonText.isWord(0xD800)).isFalse();
    assertThat(PythonText.isWord(0x20000)).isTrue();
  }

  @Test
  void a_boundary_stands_between_word_and_other_characters() {
    assertThat(PythonText.isWordBoundary("map", 0)).isTrue();
    assertThat(PythonText.isWordBoundary("map", 3)).isTrue();
    assertThat(PythonText.isWordBoundary("map²", 3)).isFalse();
    assertThat(PythonText.isWordBoundary("map\u0301", 3)).isTrue();
    assertThat(PythonText.isWordBoundary("", 0)).isFalse();
    assertThat(PythonText.isWordBoundary("\uD840\uDC00a", 2)).isFalse();
  }

  @Test
  void punctuation_is_the_32_ascii_marks() {
    long count = IntStream.range(0, 0x3000).filter(PythonText::isAsciiPunctuation).count();
    assertThat(count).isEqualTo(32);
    assertThat("!/:@[`{~_".codePoints().allMatch(PythonText::isAsciiPunctuation)).isTrue();
  }

  @Test
  void strip_words_and_collapse_use_that_white_space() {
    assertThat(PythonText.strip("\u001F\u3000 a b\u2028\n")).isEqualTo("a b");
    assertThat(PythonText.strip(" \t")).isEmpty();
    assertThat(PythonText.words("\na\u0085b \u00A0c\u200Bd "))
        .containsExactly("a", "b", "c\u200Bd");
    assertThat(PythonText.words(" \u2003")).isEmpty();
    assertThat(PythonText.collapse("  a\r\n\tb ")).isEqualTo("a b");
  }
}
