package io.cria.similarity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequiredLcsTest {
  @ParameterizedTest
  @ValueSource(doubles = {0.7, 0.31, 0.5, 0.6, 0.99, 1.0})
  void isTheLeastLcsWhoseDoubleScoreExceedsTheThreshold(double threshold) {
    RequiredLcs required = new RequiredLcs(threshold);
    for (int m = 0; m <= 300; m++) {
      for (int n = 0; n <= 300; n++) {
        int wanted = 1;
        while (wanted <= Math.min(m, n) && !(NaiveRule.score(wanted, m, n) > threshold)) {
          wanted++;
        }
        assertThat(required.of(m, n)).as("m %d n %d", m, n).isEqualTo(wanted);
      }
    }
  }

  @Test
  void ofTheTiesAtSevenTenthsAboutHalfAreDropped() {
    RequiredLcs required = new RequiredLcs(0.7);
    int ties = 0;
    int dropped = 0;
    for (int m = 1; m <= 300; m++) {
      for (int n = m; n <= 300; n++) {
        if (7 * (m + n) % 20 == 0 && 7 * (m + n) / 20 <= m) {
          int lcs = 7 * (m + n) / 20;
          ties++;
          int least = required.of(m, n);
          assertThat(least).isBetween(lcs, lcs + 1);
          dropped += least == lcs ? 1 : 0;
        }
      }
    }
    assertThat(ties).isEqualTo(1_068);
    assertThat(dropped).isEqualTo(490);
    assertThat(required.of(9, 11)).isEqualTo(7);
    assertThat(required.of(10, 10)).isEqualTo(8);
  }

  @Test
  void holdsForLengthsBeyondEveryTable() {
    RequiredLcs required = new RequiredLcs(0.7);
    for (int m : new int[] {511, 512, 1_023, 1_024, 10_000, 1_000_000, 2_000_000_000}) {
      int least = required.of(m, m);
      assertThat(RequiredLcs.f(least, m, m)).isGreaterThan(0.7);
      assertThat(RequiredLcs.f(least - 1, m, m)).isLessThanOrEqualTo(0.7);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.7, 0.31, 0.9, 1.0})
  void whatTheFiltersUseFollowsFromTheTable(double threshold) {
    RequiredLcs required = new RequiredLcs(threshold);
    for (int m = 0; m <= 700; m += m < 40 ? 1 : 37) {
      RequiredLcs.Row row = required.row(m);
      for (int n = 0; n <= 1_500; n++) {
        int least = required.of(m, n);
        boolean feasible = least <= Math.min(m, n);
        int differing = row.differing()[Math.min(n, RequiredLcs.LENGTH_LIMIT)];
        if (feasible) {
          assertThat(differing).isGreaterThanOrEqualTo(Math.min(m + n - 2 * least, 87));
          assertThat(n >= m ? row.shortPrefix() : row.longPrefix())
              .isGreaterThanOrEqualTo(m - least + 1);
          if (least == 1) {
            assertThat(row.singles()).isTrue();
          }
        } else if (n < RequiredLcs.LENGTH_LIMIT) {
          assertThat(differing).isEqualTo(-1);
        }
      }
      assertThat(row.longPrefix()).isBetween(row.shortPrefix(), m);
    }
  }

  @Test
  void refusesThresholdsOutsideItsRange() {
    for (double threshold : new double[] {0.3, 0, -1, 1.01, Double.NaN}) {
      assertThatThrownBy(() -> new RequiredLcs(threshold))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("(0.3, 1]");
    }
  }
}
