package io.cria.similarity;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PairLimitTest {
  @ParameterizedTest
  @CsvSource({"12, 160", "30, 160", "60, 40", "100, 80", "150, 80"})
  void textsOfOneLengthHavePairsOnlyWhereTheyAreShort(int length, int limit) {
    PairLimit pairs = new PairLimit(new RequiredLcs(0.7));
    for (int i = 0; i < 1_000; i++) {
      pairs.count(length);
    }
    pairs.renew();
    assertThat(pairs.hasPairs(limit)).isTrue();
    assertThat(pairs.hasPairs(limit + 1)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"0.7", "0.31", "0.95", "1.0"})
  void whoeverCanBeSimilarToATextWithoutPairsNeedsSingles(double threshold) {
    RequiredLcs required = new RequiredLcs(threshold);
    for (int length : new int[] {10, 25, 60, 90, 150}) {
      PairLimit pairs = new PairLimit(required);
      for (int i = 0; i < 1_000; i++) {
        pairs.count(length);
      }
      pairs.renew();
      for (int m = 1; m <= 400; m++) {
        for (int n = 1; n <= 400; n++) {
          if (required.feasible(m, n) && !pairs.hasPairs(n)) {
            assertThat(pairs.needsSingles(m)).as("%d and %d", m, n).isTrue();
          }
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"160", "100", "70"})
  void longTextsAfterManyShortOnesUseUpTheBudgetBeforeTheTextsDouble(int length) {
    PairLimit pairs = new PairLimit(new RequiredLcs(0.7));
    for (int i = 0; i < 10_000; i++) {
      pairs.count(10);
    }
    pairs.renew();
    assertThat(pairs.isExceeded()).isFalse();
    int more = 0;
    while (!pairs.isExceeded()) {
      pairs.count(length);
      more++;
    }
    assertThat(more).isLessThan(10_000);
    pairs.renew();
    assertThat(pairs.hasPairs(length)).isFalse();
    assertThat(pairs.hasPairs(10)).isTrue();
    assertThat(pairs.isExceeded()).isFalse();
  }
}
