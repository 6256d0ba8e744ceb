package io.cria.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.task.SeededRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.commons.math3.distribution.BinomialDistribution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PairedComparisonTest {
  @Test
  void aClearWinnerIsNamed() {
    PairedComparison comparison = compare(130, 10, 60);
    assertThat(comparison.winner()).hasValue("tuned");
    assertThat(comparison.sentence())
        .startsWith("tuned is better than base: win rate 67.5 % (95 % interval ")
        .endsWith("sign test p = 4.2e-07, 200 tasks");
  }

  @Test
  void theSecondMayBeTheWinnerWithItsOwnRate() {
    PairedComparison comparison = compare(60, 10, 130);
    assertThat(comparison.winner()).hasValue("base");
    assertThat(comparison.sentence()).startsWith("base is better than tuned: win rate 67.5 %");
  }

  /** The paper's 90 to 89 of its 252 tasks. */
  @Test
  void noDifferenceIsSaidWithTheSizeThatWouldShowIt() {
    PairedComparison comparison = compare(90, 73, 89);
    assertThat(comparison.winner()).isEmpty();
    assertThat(comparison.p()).isEqualTo(1);
    assertThat(comparison.tasksNeeded()).hasValue(354549);
    assertThat(comparison.sentence())
        .startsWith("no difference seen at this size (252 tasks, win rate of tuned 50.2 %")
        .endsWith("about 360000 tasks would show the one observed");
  }

  @Test
  void equalCountsHaveNoSize() {
    PairedComparison comparison = compare(5, 3, 5);
    assertThat(comparison.tasksNeeded()).isEmpty();
    assertThat(comparison.sentence()).endsWith(": none was observed");
  }

  @Test
  void allTiesAreNoDifference() {
    assertThat(compare(0, 12, 0).winner()).isEmpty();
    assertThat(compare(0, 12, 0).interval()).isEqualTo(new Interval(0.5, 0.5));
  }

  @Test
  void fiveOfFiveAreTooFew() {
    assertThat(compare(5, 0, 0).winner()).isEmpty();
    assertThat(compare(6, 0, 0).winner()).hasValue("tuned");
  }

  @Test
  void pointsOffTheirScaleAndOneModelUnderTwoNamesAreRefused() {
    assertThatThrownBy(() -> PairedComparison.of("a", "b", List.of(1.5), 1))
        .hasMessage("points of a task lie in [0, 1], not at 1.5");
    assertThatThrownBy(() -> PairedComparison.of("a", "a", List.of(1.0), 1))
        .hasMessage("one model under two names: a");
  }

  /** Between equal models a winner is named in about one of twenty sets at most. */
  @Test
  void equalModelsSeldomHaveAWinner() {
    SeededRandom random = new SeededRandom(12);
    int named = 0;
    for (int set = 0; set < 200; set++) {
      List<Double> points = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        points.add(random.nextInt(3) / 2.0);
      }
      named += PairedComparison.of("a", "b", points, set).winner().isPresent() ? 1 : 0;
    }
    assertThat(named).isLessThanOrEqualTo(18);
  }

  /** The formula, computed with scipy 1.17.1's norm.ppf. */
  @ParameterizedTest
  @CsvSource({
    "60, 0, 40, 204",
    "55, 0, 45, 803",
    "30, 40, 20, 368",
    "51, 0, 49, 19720",
    "90, 0, 89, 251842",
    "40, 0, 60, 204",
    "9, 0, 1, 12",
    "8, 2, 0, 8"
  })
  void theSizeIsThatOfTheFormula(int wins, int ties, int losses, long tasks) {
    assertThat(TasksNeeded.toShow(new Outcomes(wins, ties, losses))).hasValue(tasks);
  }

  /** With so many decided tasks the exact sign test has close to the power it is said to have. */
  @Test
  void theSizeHasThePowerInTheExactTest() {
    for (double share : new double[] {0.53, 0.55, 0.6, 0.65, 0.7, 0.8}) {
      int decided = (int) Math.ceil(TasksNeeded.decided(share));
      BinomialDistribution wins = new BinomialDistribution(null, decided, share);
      double power = 0;
      for (int won = 0; won <= decided; won++) {
        if (SignTest.twoSided(won, decided - won) < TasksNeeded.LEVEL) {
          power += wins.probability(won);
        }
      }
      assertThat(power).as("share %s, %s tasks", share, decided).isBetween(0.77, 0.87);
    }
  }

  private static PairedComparison compare(int wins, int ties, int losses) {
    List<Double> points = new ArrayList<>(Collections.nCopies(wins, 1.0));
    points.addAll(Collections.nCopies(ties, 0.5));
    points.addAll(Collections.nCopies(losses, 0.0));
    return PairedComparison.of("tuned", "base", points, 11);
  }
}
