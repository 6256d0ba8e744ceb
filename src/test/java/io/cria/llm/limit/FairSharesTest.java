package io.cria.llm.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class FairSharesTest {
  /** By the definition: all shares rise together, each until its want is met or nothing is left. */
  private static double[] filledTogether(double total, double[] wants) {
    double[] shares = new double[wants.length];
    double step = total / 50_000;
    double left = total;
    boolean rises = true;
    while (rises && left > 0) {
      rises = false;
      for (int i = 0; i < wants.length && left > 0; i++) {
        double more = Math.min(Math.min(step, left), wants[i] - shares[i]);
        if (more > 0) {
          shares[i] += more;
          left -= more;
          rises = true;
        }
      }
    }
    for (int i = 0; i < wants.length; i++) {
      shares[i] += left / wants.length;
    }
    return shares;
  }

  @RepeatedTest(50)
  void sharesAreMaxMinFair(RepetitionInfo repetition) {
    SplittableRandom random = new SplittableRandom(repetition.getCurrentRepetition());
    double[] wants = new double[1 + random.nextInt(8)];
    Arrays.setAll(wants, i -> random.nextInt(4) == 0 ? 0 : random.nextDouble() * 20);
    double total = random.nextDouble() * 60;
    double[] shares = FairShares.of(total, wants);
    assertThat(Arrays.stream(shares).sum()).isCloseTo(total, within(1e-9));
    assertThat(shares).containsExactly(filledTogether(total, wants), within(total * 1e-3 + 1e-9));
  }

  @Test
  void whoWantsLittleHasItAndTheRestIsPartedEvenly() {
    assertThat(FairShares.of(10, new double[] {8, 1, 8})).containsExactly(4.5, 1, 4.5);
  }

  @Test
  void whatNobodyWantsIsPartedEvenly() {
    assertThat(FairShares.of(12, new double[] {1, 0, 2})).containsExactly(4, 3, 5);
  }

  @Test
  void ofNothingEverybodyHasNothing() {
    assertThat(FairShares.of(0, new double[] {1, 2})).containsExactly(0, 0);
  }
}
