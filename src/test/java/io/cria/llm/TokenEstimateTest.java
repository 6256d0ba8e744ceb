package io.cria.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class TokenEstimateTest {
  private final TokenEstimate estimate = new TokenEstimate();

  private static Usage usage(int prompt, int completion, boolean isEstimated) {
    return new Usage(prompt, 0, completion, isEstimated);
  }

  @Test
  void beforeAnyAnswerTheLongestIsExpected() {
    assertThat(estimate.of(1_000, 500)).isEqualTo(800);
  }

  @Test
  void theFirstAnswersCountFully() {
    estimate.learn(1_000, usage(250, 100, false));
    assertThat(estimate.of(1_000, 500)).isEqualTo(350);
    estimate.learn(1_000, usage(350, 300, false));
    assertThat(estimate.of(1_000, 500)).isCloseTo(500, within(1e-9));
  }

  @Test
  void laterOnesCountLittleAndAChangeIsFollowed() {
    for (int i = 0; i < 1_000; i++) {
      estimate.learn(1_000, usage(250, 100, false));
    }
    estimate.learn(1_000, usage(250, 740, false));
    assertThat(estimate.of(1_000, 500)).isCloseTo(360, within(0.01));
    for (int i = 0; i < 1_000; i++) {
      estimate.learn(1_000, usage(250, 740, false));
    }
    assertThat(estimate.of(1_000, 500)).isCloseTo(990.0, within(1.0));
  }

  @Test
  void whatWasOnlyEstimatedTeachesNothing() {
    estimate.learn(1_000, usage(1, 1, true));
    assertThat(estimate.of(1_000, 500)).isEqualTo(800);
  }

  @Test
  void anAnswerOfNothingIsNoEndOfLearning() {
    estimate.learn(0, usage(0, 0, false));
    assertThat(estimate.of(0, 500)).isZero();
    estimate.learn(1_000, usage(300, 100, false));
    assertThat(estimate.of(1_000, 500)).isGreaterThan(300);
  }
}
