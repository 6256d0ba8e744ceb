package io.cria.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.cria.task.SeededRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Shares, the sign test and the bootstrap, beside values of scipy 1.17.1 and statsmodels. */
class IntervalsTest {
  /** statsmodels 0.14, proportion_confint(k, n, 0.05, "wilson"). */
  @ParameterizedTest
  @CsvSource({
    "0, 10, 0.0, 0.27753279986288926",
    "1, 1, 0.2065493143772374, 1.0",
    "27, 50, 0.40398871399157477, 0.6703034780777566",
    "92, 100, 0.8500189229905126, 0.9589065385156195",
    "108, 200, 0.4708228918895333, 0.6076694820002854",
    "10, 10, 0.7224672001371106, 1.0",
    "1, 100000, 1.7652477303783092e-06, 5.664709659040968e-05"
  })
  void aShareHasWilsonsInterval(int successes, int cases, double low, double high) {
    Interval interval = Wilson.interval(successes, cases, 0.95);
    assertThat(interval.low()).isEqualTo(low, within(1e-12));
    assertThat(interval.high()).isEqualTo(high, within(1e-12));
  }

  @Test
  void moreConfidenceIsAWiderInterval() {
    Interval interval = Wilson.interval(27, 50, 0.99);
    assertThat(interval.low()).isEqualTo(0.3646606451560581, within(1e-12));
    assertThat(interval.high()).isEqualTo(0.7059671875065316, within(1e-12));
  }

  @Test
  void withoutACaseEveryShareIsPossible() {
    assertThat(Wilson.interval(0, 0, 0.95)).isEqualTo(new Interval(0, 1));
  }

  @Test
  void whatIsNoShareIsRefused() {
    assertThatThrownBy(() -> Wilson.interval(3, 2, 0.95)).hasMessage("3 successes of 2");
    assertThatThrownBy(() -> Wilson.interval(1, 2, 1)).hasMessageContaining("not 1.0");
  }

  /** scipy 1.17.1, binomtest(wins, wins + losses).pvalue. */
  @ParameterizedTest
  @CsvSource({
    "0, 0, 1",
    "5, 0, 0.0625",
    "6, 0, 0.03125",
    "90, 89, 1",
    "15, 5, 0.04138946533203125",
    "60, 40, 0.05688793364098089",
    "61, 40, 0.046044066929342785",
    "130, 70, 2.6528755595268727e-05",
    "700, 600, 0.0060157938610449395"
  })
  void theSignTestIsExact(int wins, int losses, double p) {
    assertThat(SignTest.twoSided(wins, losses)).isEqualTo(p, within(1e-12 * p + 1e-15));
    assertThat(SignTest.twoSided(losses, wins)).isEqualTo(p, within(1e-12 * p + 1e-15));
  }

  @Test
  void theSignTestEqualsTheCountOfAllThrows() {
    for (int decided = 1; decided <= 12; decided++) {
      for (int wins = 0; wins <= decided; wins++) {
        int far = 0;
        for (int coins = 0; coins < 1 << decided; coins++) {
          int heads = Integer.bitCount(coins);
          far += Math.abs(2 * heads - decided) >= Math.abs(2 * wins - decided) ? 1 : 0;
        }
        assertThat(SignTest.twoSided(wins, decided - wins))
            .isEqualTo((double) far / (1 << decided), within(1e-12));
      }
    }
  }

  /** numpy, 200,000 draws of the same points: 0.46071, 0.61071. */
  @Test
  void theBootstrapDrawsTasksAnew() {
    List<Double> points = new ArrayList<>(Collections.nCopies(60, 1.0));
    points.addAll(Collections.nCopies(30, 0.5));
    points.addAll(Collections.nCopies(50, 0.0));
    Interval interval = TaskBootstrap.ofMean(points, 0.95, 7);
    assertThat(interval.low()).isEqualTo(0.46071, within(0.006));
    assertThat(interval.high()).isEqualTo(0.61071, within(0.006));
    assertThat(TaskBootstrap.ofMean(points, 0.95, 7)).isEqualTo(interval);
    assertThat(interval.contains(0.5357)).isTrue();
  }

  @Test
  void equalPointsHaveAnIntervalWithoutWidth() {
    assertThat(TaskBootstrap.ofMean(Collections.nCopies(9, 0.5), 0.95, 1))
        .isEqualTo(new Interval(0.5, 0.5));
    assertThatThrownBy(() -> TaskBootstrap.ofMean(List.of(), 0.95, 1))
        .hasMessageContaining("0 tasks");
  }

  /** As the interval is said to hold its level: about 95 of 100 samples have the truth in it. */
  @Test
  void intervalsHoldTheirLevel() {
    SeededRandom random = new SeededRandom(3);
    int byWilson = 0;
    int byBootstrap = 0;
    int samples = 200;
    for (int sample = 0; sample < samples; sample++) {
      List<Double> points = new ArrayList<>();
      for (int i = 0; i < 80; i++) {
        points.add(random.nextDouble() < 0.6 ? 1.0 : 0.0);
      }
      int wins = Outcomes.of(points).wins();
      byWilson += Wilson.interval(wins, 80, 0.95).contains(0.6) ? 1 : 0;
      byBootstrap += TaskBootstrap.ofMean(points, 0.95, sample).contains(0.6) ? 1 : 0;
    }
    assertThat(byWilson).isBetween(180, 200);
    assertThat(byBootstrap).isBetween(176, 200);
  }

  @Test
  void quantilesLieBetweenNeighbours() {
    double[] sorted = {1, 2, 4};
    assertThat(TaskBootstrap.quantile(sorted, 0)).isEqualTo(1);
    assertThat(TaskBootstrap.quantile(sorted, 0.75)).isEqualTo(3);
    assertThat(TaskBootstrap.quantile(sorted, 1)).isEqualTo(4);
  }
}
