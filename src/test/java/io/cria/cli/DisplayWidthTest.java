package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DisplayWidthTest {
  @ParameterizedTest
  @CsvSource({
    "bird, 4",
    "é, 1",
    "e\u0301, 1",
    "한국, 4",
    "\u1112\u1161\u11ab, 2",
    "東京, 4",
    "ｱ, 1",
    "Ａ, 2",
    "\uD83E\uDD99, 2",
    "→, 1"
  })
  void aCharacterOfTheEastTakesTwoColumnsAndAMarkNone(String text, int columns) {
    assertThat(DisplayWidth.of(text)).isEqualTo(columns);
  }

  @Test
  void aTextIsCutBeforeTheCharacterThatDoesNotFit() {
    assertThat(DisplayWidth.cut("한국어", 6)).isEqualTo("한국어");
    assertThat(DisplayWidth.cut("한국어", 5)).isEqualTo("한국…");
    assertThat(DisplayWidth.cut("한국어", 4)).isEqualTo("한…");
    assertThat(DisplayWidth.cut("birds", Integer.MAX_VALUE)).isEqualTo("birds");
  }

  @Test
  void linesBreakAtSpacesAndLongWordsWhereTheyMust() {
    assertThat(lines("one two three\nfour", 8)).containsExactly("one two", "three", "four");
    assertThat(lines("abcdefgh ij", 5)).containsExactly("abcde", "fgh", "ij");
    assertThat(lines("", 5)).containsExactly("");
    assertThat(lines("as it is", Integer.MAX_VALUE)).containsExactly("as it is");
  }

  private static List<String> lines(String text, int columns) {
    return DisplayWidth.lines(text, columns).stream()
        .map(each -> text.substring(each[0], each[1]))
        .toList();
  }
}
