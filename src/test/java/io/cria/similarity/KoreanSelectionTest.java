package io.cria.similarity;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.similarity.PairFigures.Figures;
import io.cria.similarity.PairFigures.Pair;
import io.cria.testing.KoreanTexts;
import io.cria.text.Tokenizer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The tokens for Korean in the engine, and what they tell apart. */
class KoreanSelectionTest {
  private static final Tokenizer KOREAN = Tokenizer.named("korean-1");

  @ParameterizedTest
  @CsvSource({
    "lossless, 0.7, 20000",
    "lossless, 0.5, 40",
    "minhash+lossless, 0.7, 200",
    "lossless, 0.85, 1"
  })
  void theEngineDecidesAsThePlainLoop(String prefilter, double threshold, int hot) {
    List<String> texts = new KoreanTexts(5, 1_500);
    List<NaiveRule.Decision> wanted = new NaiveRule(KOREAN, threshold).select(texts);
    Selection selection =
        new PoolIndex(
                EngineOptions.of(KOREAN, threshold)
                    .withPrefilter(Prefilter.named(prefilter))
                    .withHotFrequency(hot))
            .select(texts);
    assertThat(NaiveRule.firstDifference(wanted, selection)).isEmpty();
    long dropped = wanted.stream().filter(decision -> decision.neighbour() >= 0).count();
    assertThat(dropped).as("near-duplicates").isBetween(200L, 1_400L);
  }

  @Test
  void atItsThresholdItTellsKoreanTasksApartAsWellAsThePublishedRuleDoesEnglishOnes() {
    Figures english =
        PairFigures.figures(
            PairFigures.read(PairFigures.ENGLISH), Tokenizer.named("rouge-en")::tokens, 0.7);
    List<Pair> pairs = PairFigures.read(PairFigures.KOREAN);
    Figures korean = PairFigures.figures(pairs, KOREAN::tokens, 0.7);
    Figures words = PairFigures.figures(pairs, Tokenizer.named("unicode-1")::tokens, 0.7);
    assertThat(korean.precision()).isGreaterThan(english.precision());
    assertThat(korean.recall()).isGreaterThan(english.recall());
    assertThat(korean.precision()).isGreaterThan(words.precision());
    assertThat(korean.recall()).isGreaterThan(words.recall());
  }

  @Test
  void whatIsTogetherByChanceIsFarApart() {
    List<Pair> chance = PairFigures.byChance(PairFigures.read(PairFigures.KOREAN));
    assertThat(PairFigures.figures(chance, KOREAN::tokens, 0.55).precision()).isZero();
    assertThat(chance)
        .allSatisfy(
            pair ->
                assertThat(RougeL.f(pair.a(), pair.b(), KOREAN))
                    .as("%s / %s", pair.a(), pair.b())
                    .isLessThanOrEqualTo(0.6));
  }
}
