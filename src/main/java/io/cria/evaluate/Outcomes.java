package io.cria.evaluate;

import java.util.Collection;

/**
 * How one model fared against another, by task.
 *
 * @param wins tasks with more than half a point
 * @param ties tasks with exactly half a point
 * @param losses tasks with less
 */
public record Outcomes(int wins, int ties, int losses) {
  public static final double WIN = 1;
  public static final double TIE = 0.5;
  public static final double LOSS = 0;

  public Outcomes {
    if (wins < 0 || ties < 0 || losses < 0) {
      throw new IllegalArgumentException(
          "wins, ties, losses: " + wins + ", " + ties + ", " + losses);
    }
  }

  /**
   * Counts points, one a task.
   *
   * @param points each in [0, 1]: a win is 1, a tie one half, a loss 0; the mean of several
   *     judgements of one task may lie between
   */
  public static Outcomes of(Collection<Double> points) {
    int wins = 0;
    int losses = 0;
    for (double point : points) {
      if (!(point >= LOSS && point <= WIN)) {
        throw new IllegalArgumentException("points of a task lie in [0, 1], not at " + point);
      }
      wins += point > TIE ? 1 : 0;
      losses += point < TIE ? 1 : 0;
    }
    return new Outcomes(wins, points.size() - wins - losses, losses);
  }

  public int tasks() {
    return wins + ties + losses;
  }

  public int decided() {
    return wins + losses;
  }
}
