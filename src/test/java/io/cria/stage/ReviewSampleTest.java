package io.cria.stage;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.stage.ReviewSample.Stratum;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How a sample is shared out over its strata. */
class ReviewSampleTest {
  private static List<Long> shared(long size, long... examples) {
    List<Stratum> strata =
        java.util.Arrays.stream(examples)
            .mapToObj(count -> new Stratum(false, "short", count, 0))
            .toList();
    return ReviewSample.shared(strata, size).stream().map(Stratum::sampled).toList();
  }

  @Test
  void eachStratumGivesInProportionAndRemaindersGoToTheLargest() {
    assertThat(shared(10, 50, 30, 20)).containsExactly(5L, 3L, 2L);
    // 3.33, 3.33, 3.33: the first gets what is left
    assertThat(shared(10, 7, 7, 7)).containsExactly(4L, 3L, 3L);
    // 0.98, 0.01, 0.01
    assertThat(shared(1, 98, 1, 1)).containsExactly(1L, 0L, 0L);
    // 6.6, 2.2, 1.2
    assertThat(shared(10, 66, 22, 12)).containsExactly(7L, 2L, 1L);
  }

  @Test
  void noMoreIsTakenThanThereIs() {
    assertThat(shared(100, 5, 3, 2)).containsExactly(5L, 3L, 2L);
  }
}
