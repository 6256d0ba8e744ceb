package io.cria.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.testing.KoreanTexts;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TokenizerKoreanTest {
  private final Tokenizer tokenizer = Tokenizer.named("korean-1");

  private String tokens(String text) {
    return String.join("", tokenizer.tokens(text));
  }

  @Test
  void oneTaskInAnySpeechLevelHasTheSameTokens() {
    for (String text :
        List.of(
            "속담의 뜻을 설명해 주세요.",
            "속담 뜻 설명해줘",
            "속담의 뜻을 설명하시오.",
            "속담의 뜻을 설명해 줄래?",
            "속담의뜻을 설명해 주십시오",
            "속담의 뜻을 좀 설명해 보세요.")) {
      assertThat(tokens(text)).as(text).isIn("속담뜻설명", "속담의뜻설명");
    }
  }

  @Test
  void everySyllableThatStaysIsAToken() {
    assertThat(tokenizer.tokens("서울에서는 김밥을 먹는다"))
        .containsExactly("서", "울", "김", "밥", "먹", "는", "다");
  }

  @Test
  void otherLettersAndDigitsAreTokensAsInAnyScript() {
    assertThat(tokenizer.tokens("SQL로 3cm인 表를 만드세요"))
        .containsExactly("sql", "로", "3cm", "인", "表", "를", "만", "드");
  }

  @Test
  void aSuffixLeavesOneSyllableAtLeast() {
    assertThat(tokens("나를 해는 를")).isEqualTo("나해를");
  }

  @Test
  void composedAndDecomposedTextsAreTheSame() {
    String text = "속담의 뜻을 풀어 주세요";
    assertThat(tokenizer.tokens(Normalizer.normalize(text, Normalizer.Form.NFD)))
        .isEqualTo(tokenizer.tokens(text));
  }

  @Test
  void aTextOfWhichNothingWouldStayHasAllItsSyllables() {
    assertThat(tokens("좀 해 줘")).isEqualTo("좀해줘");
    assertThat(tokenizer.tokens(" …!")).isEmpty();
  }

  /** The trie against the lists themselves, longest first. */
  @Test
  void theLongestSuffixIsCut() {
    List<String> words = new ArrayList<>(List.of("해", "를", "주세요", "했던", "곳에서는", "줄래요"));
    for (String text : new KoreanTexts(3, 400)) {
      words.addAll(List.of(text.replaceAll("[^가-힣 ]", "").split(" ")));
    }
    for (String word : words) {
      int stem = KoreanSuffixes.stemEnd(("가" + word).toCharArray(), 1, word.length() + 1) - 1;
      assertThat(word.substring(0, stem)).as(word).isEqualTo(plainStem(word));
    }
  }

  private static String plainStem(String word) {
    if (KoreanSuffixes.WORDS.contains(word)) {
      return "";
    }
    for (int start = 1; start < word.length(); start++) {
      String end = word.substring(start);
      if (KoreanSuffixes.PARTICLES.contains(end) || KoreanSuffixes.ENDINGS.contains(end)) {
        return word.substring(0, start);
      }
    }
    return word;
  }
}
