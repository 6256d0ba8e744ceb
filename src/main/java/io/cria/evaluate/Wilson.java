package io.cria.evaluate;

/**
 * The score interval of a share (Wilson, JASA 1927), without correction for continuity: it stays
 * within [0, 1] and holds its level for few cases and for shares near the ends.
 */
public final class Wilson {
  private Wilson() {}

  /**
   * The interval of {@code successes / cases}; [0, 1] when there is no case.
   *
   * @param confidence such as 0.95
   */
  public static Interval interval(long successes, long cases, double confidence) {
    if (successes < 0 || successes > cases) {
      throw new IllegalArgumentException(successes + " successes of " + cases);
    }
    double z = Normal.twoSided(confidence);
    if (cases == 0) {
      return new Interval(0, 1);
    }
    double n = cases;
    double share = successes / n;
    double scale = 1 + z * z / n;
    double centre = (share + z * z / (2 * n)) / scale;
    double half = z / scale * Math.sqrt(share * (1 - share) / n + z * z / (4 * n * n));
    // the ends are exact where rounding would leave them a little beside
    double low = successes == 0 ? 0 : Math.max(0, centre - half);
    double high = successes == cases ? 1 : Math.min(1, centre + half);
    return new Interval(low, high);
  }
}
