package io.cria.serve.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SentencesTest {
  /** The sentences of a text that comes in pieces of each length up to all of it at once. */
  private static List<String> cut(String text) {
    List<String> first = cut(text, text.length());
    for (int piece = 1; piece < Math.min(text.length(), 12); piece++) {
      List<String> again = cut(text, piece);
      assertThat(String.join("", again)).isEqualTo(text);
      assertThat(stripped(again)).as("in pieces of " + piece).isEqualTo(stripped(first));
    }
    return stripped(first);
  }

  private static List<String> cut(String text, int piece) {
    Sentences sentences = new Sentences();
    List<String> all = new ArrayList<>();
    for (int at = 0; at < text.length(); at += piece) {
      all.addAll(sentences.add(text.substring(at, Math.min(text.length(), at + piece))));
    }
    all.add(sentences.rest());
    return all;
  }

  private static List<String> stripped(List<String> sentences) {
    return sentences.stream().map(String::strip).filter(each -> !each.isEmpty()).toList();
  }

  @Test
  void sentencesEndAtTheirMarksAndLinesAtTheirEnds() {
    assertThat(cut("It hums. Why? Nobody knows! So…  Yes.\nA line\nand the rest"))
        .containsExactly(
            "It hums.", "Why?", "Nobody knows!", "So…", "Yes.", "A line", "and the rest");
  }

  @Test
  void quotesAndBracketsThatCloseBelongToTheSentence() {
    assertThat(cut("She said \"Go.\" He went. (It rained.) **Then?** End"))
        .containsExactly("She said \"Go.\"", "He went.", "(It rained.)", "**Then?**", "End");
  }

  @Test
  void koreanEndsLikewise() {
    assertThat(cut("알파카는 웁니다. 왜 그럴까요? 아무도 모릅니다!\n\"그래요.\" 끝"))
        .containsExactly("알파카는 웁니다.", "왜 그럴까요?", "아무도 모릅니다!", "\"그래요.\"", "끝");
  }

  @Test
  void abbreviationsInitialsNumbersAndItemsOfListsEndNothing() {
    assertThat(cut("Dr. Kim paid 3.50 e.g. for J. Smith, i.e. his boss. Done."))
        .containsExactly("Dr. Kim paid 3.50 e.g. for J. Smith, i.e. his boss.", "Done.");
    assertThat(cut("1. Wool is warm. It is soft.\n2. Meat\n"))
        .containsExactly("1. Wool is warm.", "It is soft.", "2. Meat");
    assertThat(cut("It was in 1990. Then not.")).containsExactly("It was in 1990.", "Then not.");
    assertThat(cut("See https://example.org/a.b?c=d! Now"))
        .containsExactly("See https://example.org/a.b?c=d!", "Now");
  }

  @Test
  void aMarkWithoutASpaceAfterItEndsNothingSinceModerationSeesNoEndThere() {
    assertThat(cut("한다.그리고 간다。다음 줄")).containsExactly("한다.그리고 간다。다음 줄");
  }

  @Test
  void codeEndsAtLinesAlone() {
    assertThat(cut("So:\n\n```java\nx = a. b; // No! Yes? y\n\ny();\n  ```\n\nThat. Is it.\n"))
        .containsExactly(
            "So:", "```java", "x = a. b; // No! Yes? y", "y();", "```", "That.", "Is it.");
  }

  @Test
  void aSentenceIsGivenAsSoonAsWhatFollowsTellsThatItIsWhole() {
    Sentences sentences = new Sentences();
    assertThat(sentences.add("It hums.")).isEmpty();
    assertThat(sentences.add(" ")).containsExactly("It hums. ");
    assertThat(sentences.add("Wait")).isEmpty();
    assertThat(sentences.rest()).isEqualTo("Wait");
    assertThat(sentences.rest()).isEmpty();
  }
}
