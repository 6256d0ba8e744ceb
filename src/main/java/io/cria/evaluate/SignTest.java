package io.cria.evaluate;

import org.apache.commons.math3.distribution.BinomialDistribution;

/**
 * The exact sign test: whether wins and losses are a fair coin's; ties tell nothing and stay out.
 */
public final class SignTest {
  private SignTest() {}

  /**
   * The two-sided p: the probability that a fair coin, thrown wins + losses times, falls at least
   * as far from even. 1 when nothing was decided.
   */
  public static double twoSided(int wins, int losses) {
    if (wins < 0 || losses < 0) {
      throw new IllegalArgumentException(wins + " wins, " + losses + " losses");
    }
    int decided = Math.addExact(wins, losses);
    if (Math.abs(wins - losses) <= 1) {
      // nothing is nearer to even, so p is 1 to the last digit
      return 1;
    }
    // without a random source: nothing is drawn from it
    BinomialDistribution fair = new BinomialDistribution(null, decided, 0.5);
    return Math.min(1, 2 * fair.cumulativeProbability(Math.min(wins, losses)));
  }
}
