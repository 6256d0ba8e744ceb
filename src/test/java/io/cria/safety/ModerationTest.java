package io.cria.safety;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.cria.config.ConfigReader;
import io.cria.shipped.Shipped;
import io.cria.task.CriaException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** How rules are matched; what the shipped ones find is in ModerationLinesTest. */
class ModerationTest {
  @Test
  void theShippedRulesAreReadAndHaveEveryCategory() {
    for (ModerationRules rules : shipped()) {
      assertThat(rules.rules().stream().map(rule -> ModerationCategory.named(rule.category())))
          .as(rules.language())
          .contains(ModerationCategory.values());
    }
    assertThat(new Moderation(shipped()).score("Plain words. 그냥 말.").flagged()).isFalse();
  }

  @Test
  void aHitHasItsRuleAndItsPlace() {
    Moderation.Result result = english("bad word").score("Well: a BAD, word!");
    assertThat(result.hits())
        .containsExactly(new Moderation.Hit("en/r0", ModerationCategory.HATE, 8, 17));
    assertThat(result.score(ModerationCategory.HATE)).isEqualTo(0.5);
    assertThat(result.score(ModerationCategory.VIOLENCE)).isZero();
    assertThat(result.scores()).hasSize(6);
    assertThat(result.flagged()).isTrue();
  }

  @Test
  void rulesAddUpAndEachCountsOnce() {
    Moderation moderation = english("one", "two");
    assertThat(moderation.score("one one. One").score(ModerationCategory.HATE)).isEqualTo(0.5);
    assertThat(moderation.score("one, two").score(ModerationCategory.HATE))
        .isEqualTo(0.75, within(1e-12));
  }

  @Test
  void wordsAreWholeAndStemsBeginThem() {
    assertThat(finds("cut", "a cut, made")).isTrue();
    assertThat(finds("cut", "uncut cuts cut2")).isFalse();
    assertThat(finds("cut*", "cuts")).isTrue();
    assertThat(finds("cut*", "uncut")).isFalse();
    assertThat(finds("naïve", "So NAÏVE.")).isTrue();
    assertThat(finds("na", "naïve")).isFalse();
    assertThat(finds("i'll go", "I’ll go")).isTrue();
  }

  @Test
  void invisibleCharactersAndWideLettersHideNothing() {
    assertThat(finds("cut", "c\u200Bu\u200Dt")).isTrue();
    assertThat(finds("cut", "\uFF23\uFF35\uFF34")).isTrue();
  }

  @Test
  void gapsAreShortAndEndWithTheSentence() {
    assertThat(finds("a ... z", "a z")).isTrue();
    assertThat(finds("a ... z", "a 1 2 3 4 5 z")).isTrue();
    assertThat(finds("a ... z", "a 1 2 3 4 5 6 z")).isFalse();
    assertThat(finds("a ... z", "a 1. z")).isFalse();
    assertThat(finds("a ... z", "a 1\nz")).isFalse();
    assertThat(finds("a ... z", "a 1.5 z")).isTrue();
  }

  @Test
  void wordsMayBeMissingOrOfAList() {
    assertThat(finds("blow up? it", "blow it")).isTrue();
    assertThat(finds("blow up? it", "blow up it")).isTrue();
    assertThat(finds("blow up? it", "blow in it")).isFalse();
    assertThat(finds("a|b c", "b c")).isTrue();
    assertThat(finds("the @pets", "the dogs")).isTrue();
    assertThat(finds("the @pets", "the catfish")).isTrue();
    assertThat(finds("the @pets", "the dogsled")).isFalse();
  }

  @Test
  void anExceptionExcusesItsSentenceAlone() {
    Moderation moderation =
        new Moderation(
            List.of(
                rules(
                    "en",
                    new ModerationRule("r", "hate", 0.5, List.of("bad"), List.of("not ... bad")))));
    assertThat(moderation.score("That is not so bad.").flagged()).isFalse();
    assertThat(moderation.score("That is not it. That is bad.").flagged()).isTrue();
  }

  @Test
  void koreanNounsMayHaveParticlesAndNothingElse() {
    for (String text : List.of("폭탄", "폭탄을", "폭탄으로", "폭탄들이", "폭탄에서도", "폭탄입니다", "폭탄이란")) {
      assertThat(korean("폭탄").score(text).flagged()).as(text).isTrue();
    }
    for (String text : List.of("폭탄주", "물폭탄", "폭탄세일", "폭")) {
      assertThat(korean("폭탄").score(text).flagged()).as(text).isFalse();
    }
    assertThat(korean("죽이*").score("시간을 죽이는 법").flagged()).isTrue();
    assertThat(finds("폭탄", "폭탄을")).isFalse();
  }

  @Test
  void veryLongWordsAndTextsAreReadInTime() {
    Moderation moderation = new Moderation(shipped());
    for (String text :
        List.of("a".repeat(200_000), "가".repeat(200_000), "how to ".repeat(20_000))) {
      assertThat(moderation.score(text).flagged()).isFalse();
    }
  }

  @Test
  void malformedRulesAreRefused() {
    assertThatThrownBy(() -> english("... a"))
        .isInstanceOf(CriaException.class)
        .hasMessage("the moderation phrase '... a' must begin and end with a word");
    assertThatThrownBy(() -> english("a @nothing"))
        .hasMessage("the moderation phrase 'a @nothing' names a list that is not there: @nothing");
    assertThatThrownBy(() -> new ModerationRule("r", "rude", 0.5, List.of("a"), List.of()))
        .hasMessage(
            "unknown moderation category, 'rude': use one of harassment, hate, illicit, self-harm,"
                + " sexual, violence");
    assertThatThrownBy(() -> new ModerationRule("r", "hate", 1.5, List.of("a"), List.of()))
        .hasMessage("moderation rule 'r' needs a score in (0, 1] and a phrase");
    ModerationRule rule = new ModerationRule("r", "hate", 0.5, List.of("a"), List.of());
    assertThatThrownBy(() -> rules("en", rule, rule))
        .hasMessage("two moderation rules of en have the name 'r'");
  }

  static List<ModerationRules> shipped() {
    return Stream.of("en", "ko").map(ModerationTest::shipped).toList();
  }

  private static ModerationRules shipped(String language) {
    String name = "conf/moderation/" + language + ".yaml";
    try {
      return ConfigReader.parse(Shipped.FILES.text(name), name, ModerationRules.class, Map.of());
    } catch (IOException e) {
      throw new AssertionError(name, e);
    }
  }

  private static boolean finds(String phrase, String text) {
    return english(phrase).score(text).flagged();
  }

  private static Moderation english(String... phrases) {
    return moderation("en", phrases);
  }

  private static Moderation korean(String phrase) {
    return moderation("ko", phrase);
  }

  private static Moderation moderation(String language, String... phrases) {
    ModerationRule[] rules = new ModerationRule[phrases.length];
    for (int i = 0; i < phrases.length; i++) {
      rules[i] = new ModerationRule("r" + i, "hate", 0.5, List.of(phrases[i]), List.of());
    }
    return new Moderation(List.of(rules(language, rules)));
  }

  private static ModerationRules rules(String language, ModerationRule... rules) {
    return new ModerationRules(
        language, 1, Map.of("pets", List.of("dogs", "cat*")), List.of(rules));
  }
}
