package io.cria.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.cria.evaluate.BradleyTerry.Match;
import io.cria.evaluate.BradleyTerry.Ranked;
import io.cria.task.CriaException;
import io.cria.task.SeededRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Beside statsmodels' GLM, binomial, on the differences of indicator columns that sum to zero. */
class BradleyTerryTest {
  @Test
  void strengthsAndIntervalsAreThoseOfStatsmodels() {
    List<Match> matches = new ArrayList<>();
    play(matches, "a", "b", 7, 0, 3);
    play(matches, "a", "c", 8, 0, 2);
    play(matches, "a", "d", 9, 0, 1);
    play(matches, "b", "c", 6, 0, 4);
    play(matches, "b", "d", 5, 0, 5);
    play(matches, "c", "d", 3, 1, 6);
    BradleyTerry scale = BradleyTerry.of(matches);
    List<Ranked> ranking = scale.ranking();
    assertThat(ranking.stream().map(Ranked::model)).containsExactly("a", "b", "d", "c");
    assertRanked(ranking.get(0), 1.04956027274782, 0.3439532911068956);
    assertRanked(ranking.get(1), -0.1271365388035553, 0.2920960147458292);
    assertRanked(ranking.get(2), -0.29193144934286275, 0.2944218791308709);
    assertRanked(ranking.get(3), -0.6304922846014019, 0.30641778543789083);
    assertThat(scale.winProbability("a", "d")).isEqualTo(0.7927351475601787, within(1e-9));
    assertThat(scale.winInterval("a", "d").low()).isEqualTo(0.5747121953954758, within(1e-9));
    assertThat(scale.winInterval("a", "d").high()).isEqualTo(0.9154351000777493, within(1e-9));
  }

  @Test
  void twoModelsHaveTheirWinRate() {
    List<Match> matches = new ArrayList<>();
    play(matches, "a", "b", 30, 10, 20);
    assertThat(BradleyTerry.of(matches).winProbability("a", "b"))
        .isEqualTo(35.0 / 60, within(1e-12));
    assertThat(BradleyTerry.of(matches).winProbability("b", "a"))
        .isEqualTo(25.0 / 60, within(1e-12));
  }

  @Test
  void knownStrengthsAreFoundAgain() {
    double[] strengths = {1, 0.4, -0.2, -1.2};
    SeededRandom random = new SeededRandom(4);
    List<Match> matches = new ArrayList<>();
    for (int game = 0; game < 12_000; game++) {
      int[] two = random.sample(4, 2);
      double p = 1 / (1 + Math.exp(strengths[two[1]] - strengths[two[0]]));
      matches.add(new Match("m" + two[0], "m" + two[1], random.nextDouble() < p ? 1 : 0));
    }
    for (Ranked ranked : BradleyTerry.of(matches).ranking()) {
      double truth = strengths[ranked.model().charAt(1) - '0'];
      assertThat(ranked.strength()).isEqualTo(truth, within(0.1));
      assertThat(ranked.interval().high() - ranked.interval().low()).isBetween(0.05, 0.15);
    }
  }

  @Test
  void theOrderOfMatchesAndOfNamesInThemMakesNoDifference() {
    List<Match> matches = new ArrayList<>();
    play(matches, "a", "b", 4, 1, 2);
    play(matches, "b", "c", 4, 0, 3);
    List<Match> turned = new ArrayList<>();
    matches.forEach(match -> turned.add(0, exchanged(match)));
    assertThat(BradleyTerry.of(turned).ranking()).isEqualTo(BradleyTerry.of(matches).ranking());
  }

  @Test
  void groupsThatNeverMetAreRefused() {
    List<Match> matches = new ArrayList<>();
    play(matches, "a", "b", 1, 0, 1);
    play(matches, "c", "d", 1, 0, 1);
    assertThatThrownBy(() -> BradleyTerry.of(matches))
        .isInstanceOf(CriaException.class)
        .hasMessage(
            "no common scale, a, b and c, d were never compared: judge pairs between them, or rank"
                + " each group alone");
  }

  @Test
  void aModelThatLostEverythingHasNoPlace() {
    List<Match> matches = new ArrayList<>();
    play(matches, "a", "b", 1, 0, 1);
    play(matches, "a", "c", 2, 0, 0);
    assertThatThrownBy(() -> BradleyTerry.of(matches))
        .isInstanceOf(CriaException.class)
        .hasMessage(
            "no bounded scale, c won nothing from a, b: judge more tasks, or compare by pairs");
    matches.add(new Match("c", "b", 0.5));
    assertThat(BradleyTerry.of(matches).ranking()).hasSize(3);
  }

  @Test
  void withoutAComparisonThereIsNoRanking() {
    assertThatThrownBy(() -> BradleyTerry.of(List.of())).hasMessageStartingWith("no comparisons");
    assertThatThrownBy(() -> new Match("a", "a", 1)).hasMessage("a against a: 1.0");
  }

  private static void assertRanked(Ranked ranked, double strength, double error) {
    assertThat(ranked.strength()).isEqualTo(strength, within(1e-9));
    assertThat(ranked.interval().high() - strength)
        .isEqualTo(1.959963984540054 * error, within(1e-8));
  }

  private static Match exchanged(Match match) {
    return new Match(/* first= */ match.second(), /* second= */ match.first(), 1 - match.points());
  }

  private static void play(
      List<Match> matches, String first, String second, int wins, int ties, int losses) {
    matches.addAll(Collections.nCopies(wins, new Match(first, second, 1)));
    matches.addAll(Collections.nCopies(ties, new Match(first, second, 0.5)));
    matches.addAll(Collections.nCopies(losses, new Match(first, second, 0)));
  }
}
