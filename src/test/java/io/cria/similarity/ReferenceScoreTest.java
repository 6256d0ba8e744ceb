package io.cria.similarity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.cria.text.Tokenizer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Beside rouge-score 0.1.2, RougeScorer(["rougeL"], use_stemmer=True). */
class ReferenceScoreTest {
  @Test
  void aScoreIsThatOfThePublishedProgram() {
    assertScore("The cats were running quickly.", "A cat runs quick", 0.4444444444444445);
    assertScore("Hello, world", "hello world!", 1);
    assertScore("", "x", 0);
    assertScore("x", "", 0);
    assertScore("안녕 hello", "hello 안녕", 1);
    assertScore(
        "Paris is the capital of France, and its largest city.",
        "The capital city of France is Paris.",
        0.47058823529411764);
    assertScore(
        "Dear Ms. Lee, thank you for applying; we regret that the position has been filled.",
        "Thanks for your application. Regrettably the positions have been filled already.",
        0.4615384615384615);
    assertScore("1. eggs 2. milk 3. flour", "eggs, milk, flour", 0.6666666666666666);
    assertScore(
        "def add(a, b):\n    return a + b", "def add(x, y): return x + y", 0.42857142857142855);
    assertScore("İstanbul'da K büyük", "istanbul da k buyuk", 0.36363636363636365);
    assertScore(
        "one two three four five six seven",
        "two four six seven one three five",
        0.5714285714285714);
    assertScore(
        "Organizations organized organizing relational databases",
        "organization organizes relations and database",
        0.8000000000000002);
  }

  @Test
  void theBestReferenceCounts() {
    assertThat(ReferenceScore.published("red cats", List.of("blue dogs", "red cat", "cat")))
        .isEqualTo(1);
    assertThatThrownBy(() -> ReferenceScore.published("red", List.of()))
        .hasMessage("no reference to score an answer by");
  }

  @Test
  void otherScriptsNeedOtherTokens() {
    assertThat(ReferenceScore.published("오늘은 맑다", List.of("오늘은 맑다"))).isZero();
    assertThat(ReferenceScore.best("오늘은 맑다", List.of("오늘은 흐리다"), Tokenizer.named("unicode-1")))
        .isEqualTo(0.5);
  }

  private static void assertScore(String answer, String reference, double f) {
    assertThat(ReferenceScore.published(answer, List.of(reference))).isEqualTo(f, within(1e-15));
  }
}
