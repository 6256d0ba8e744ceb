package io.cria.similarity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cria.text.Tokenizer;
import java.text.Normalizer;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is marked is what the similarity rule measures, and the texts stay as they are. */
class CommonWordsTest {
  private static String shown(List<CommonWords.Piece> pieces) {
    return pieces.stream()
        .map(piece -> piece.common() ? "[" + piece.text() + "]" : piece.text())
        .collect(Collectors.joining());
  }

  private static String shown(String left, String right, String tokenizer) {
    CommonWords words = CommonWords.of(left, right, Tokenizer.named(tokenizer));
    return shown(words.left()) + " | " + shown(words.right());
  }

  private static String unmarked(List<CommonWords.Piece> pieces) {
    return pieces.stream().map(CommonWords.Piece::text).collect(Collectors.joining());
  }

  @Test
  void theLongestCommonSubsequenceIsMarkedInBothTexts() {
    CommonWords words =
        CommonWords.of(
            "Name two birds, please!", "Please NAME birds.", Tokenizer.named("rouge-en"));
    assertThat(shown(words.left())).isEqualTo("[Name] two [birds], please!");
    assertThat(shown(words.right())).isEqualTo("Please [NAME] [birds].");
    assertThat(words.common()).isEqualTo(2);
    assertThat(words.score()).isCloseTo(4.0 / 7, within(1e-12));
  }

  @Test
  void whatBothHaveInOrderIsMarked() {
    assertThat(shown("Name three birds, please.", "name two Birds!", "rouge-en"))
        .isEqualTo("[Name] three [birds], please. | [name] two [Birds]!");
    assertThat(shown("a b c", "a b d", "rouge-en")).isEqualTo("[a] [b] c | [a] [b] d");
    assertThat(shown("b a", "a b", "rouge-en")).isIn("b [a] | [a] b", "[b] a | a [b]");
    assertThat(shown("He copied news", "copying", "rouge-en-stem"))
        .as("stems are compared")
        .isEqualTo("He [copi]ed news | [copy]ing");
  }

  @Test
  void everyScriptIsMarkedWhereTheTokenizerKnowsIt() {
    assertThat(shown("새 이름을 지어 줘", "새 노래를 지어 줘", "unicode-1"))
        .isEqualTo("[새] 이름을 [지어] [줘] | [새] 노래를 [지어] [줘]");
    assertThat(shown("새 이름을 두 개 말해.", "새 이름을 세 개 적어.", "unicode-1"))
        .startsWith("[새] [이름을] 두 [개] 말해.");
    assertThat(shown("写一首诗", "写一个诗", "unicode-1")).isEqualTo("[写][一]首[诗] | [写][一]个[诗]");
    assertThat(shown("写一首诗", "写两首歌", "unicode-1")).startsWith("[写]一[首]诗");
    assertThat(shown("새 이름", "새 이름", "rouge-en")).isEqualTo("새 이름 | 새 이름");
  }

  @Test
  void ofKoreanWhatTheRuleDropsIsNotMarked() {
    assertThat(shown("영화의 의미", "의미", "korean-1"))
        .as("a syllable of a particle is none of the word behind it")
        .isEqualTo("영화의 [의][미] | [의][미]");
    assertThat(shown("속담의 뜻을 설명해 주세요", "속담 뜻 설명해줘", "korean-1"))
        .as("words that only ask are no tokens")
        .isEqualTo("[속][담]의 [뜻]을 [설][명]해 주세요 | [속][담] [뜻] [설][명]해줘");
  }

  @Test
  void koreanInConjoiningLettersIsMarkedWhereItStands() {
    String apart = Normalizer.normalize("é 영화의 의미", Normalizer.Form.NFD);
    CommonWords words = CommonWords.of(apart, "의미", Tokenizer.named("korean-1"));
    assertThat(unmarked(words.left())).isEqualTo(apart);
    assertThat(Normalizer.normalize(shown(words.left()), Normalizer.Form.NFC))
        .isEqualTo("é 영화의 [의][미]");
  }

  @Test
  void nothingOfATextIsLost() {
    String text = "It's 5 €:\n\n— “so” 😀 \t x";
    CommonWords words = CommonWords.of(text, "so x", Tokenizer.named("rouge-en"));
    assertThat(unmarked(words.left())).isEqualTo(text);
    assertThat(shown(words.left())).contains("“[so]”").endsWith("[x]");
    assertThat(CommonWords.of("", "", Tokenizer.named("rouge-en")).left()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"rouge-en", "unicode-1", "korean-1"})
  void textsThatChangeLengthInLowerCaseStayWhole(String name) {
    CommonWords words = CommonWords.of("İstanbul and fish", "fish of İZMİR", Tokenizer.named(name));
    assertThat(unmarked(words.left())).isEqualTo("İstanbul and fish");
    assertThat(shown(words.left())).endsWith("and [fish]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"rouge-en", "unicode-1", "korean-1"})
  void marksAreAsManyAsTheRuleCounts(String name) {
    Tokenizer tokenizer = Tokenizer.named(name);
    Random random = new Random(3);
    List<String> vocabulary =
        List.of("a", "Aa", "b2", "물", "고기의", "é", "the", "x-y", "...", "中文", "İ", "해 주세요");
    for (int i = 0; i < 300; i++) {
      String left = text(random, vocabulary);
      String right = text(random, vocabulary);
      CommonWords words = CommonWords.of(left, right, tokenizer);
      assertThat(unmarked(words.left())).isEqualTo(left);
      assertThat(unmarked(words.right())).isEqualTo(right);
      assertThat(marks(words.left())).isEqualTo(words.common()).isEqualTo(marks(words.right()));
      assertThat(words.score()).isEqualTo(RougeL.f(left, right, tokenizer));
    }
  }

  private static long marks(List<CommonWords.Piece> pieces) {
    return pieces.stream().filter(CommonWords.Piece::common).count();
  }

  private static String text(Random random, List<String> vocabulary) {
    return random
        .ints(random.nextInt(12), 0, vocabulary.size())
        .mapToObj(vocabulary::get)
        .collect(Collectors.joining(" "));
  }
}
