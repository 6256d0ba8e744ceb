package io.cria.similarity;

import org.jspecify.annotations.Nullable;

/**
 * {@code REQ[m][n]}: the least LCS length L at which two texts of m and n tokens are similar, that
 * is at which the double {@code F(L, m, n)} exceeds the threshold. Every filter of the engine is
 * derived from it, so all of them decide as the published programs' double arithmetic does: about
 * half of the pairs whose F is exactly 7/10 evaluate above 0.7.
 *
 * <p>REQ is sound as a least L because F is strictly increasing in L: neighbouring values differ by
 * 2/(m+n), their rounding errors by a few units in 2<sup>-53</sup>. Thread-safe.
 */
public final class RequiredLcs {
  /** A posting stores lengths up to here; what is longer stores this. */
  static final int LENGTH_LIMIT = 511;

  private static final int CACHED_ROWS = 1024;
  private static final short ANY_DIFFERENCE = Short.MAX_VALUE;

  private final double threshold;
  // Filled by racing threads with equal immutable rows.
  private final @Nullable Row[] rows = new @Nullable Row[CACHED_ROWS];

  /** What follows from REQ for texts of one length m. */
  static final class Row {
    private final int shortPrefix;
    private final int longPrefix;
    private final boolean singles;
    private final short[] differing;

    private Row(int shortPrefix, int longPrefix, boolean singles, short[] differing) {
      this.shortPrefix = shortPrefix;
      this.longPrefix = longPrefix;
      this.singles = singles;
      this.differing = differing;
    }

    /**
     * How many of the m tokens, rarest first, can be the rarest matched one when the partner is at
     * least as long.
     */
    int shortPrefix() {
      return shortPrefix;
    }

    /** The same when the partner is at most as long; never less. */
    int longPrefix() {
      return longPrefix;
    }

    /** Whether an LCS of one token is enough for some partner, so that they may share no pair. */
    boolean singles() {
      return singles;
    }

    /**
     * By partner length n (the last entry: every longer one): the most tokens that may stand
     * unmatched on both sides together, m + n - 2 REQ[m][n]; -1 when n can never be similar. Not to
     * be changed.
     */
    short[] differing() {
      return differing;
    }
  }

  /**
   * @param threshold in (0.3, 1]
   */
  public RequiredLcs(double threshold) {
    if (!(threshold > 0.3 && threshold <= 1)) {
      throw new IllegalArgumentException("the threshold lies in (0.3, 1], not " + threshold);
    }
    this.threshold = threshold;
  }

  public double threshold() {
    return threshold;
  }

  /**
   * ROUGE-L F of texts with m and n tokens and a longest common subsequence of {@code lcs}, in the
   * operations of Python's rouge-score; 0 when either is empty. Symmetric in m and n.
   */
  public static double f(int lcs, int m, int n) {
    if (lcs == 0) {
      return 0;
    }
    double precision = (double) lcs / n;
    double recall = (double) lcs / m;
    return 2 * precision * recall / (precision + recall);
  }

  /** REQ[m][n]; min(m, n) + 1 when no LCS suffices. */
  public int of(int m, int n) {
    int least = Math.min(m, n);
    int l = (int) Math.min(least + 1L, Math.max(1L, (long) (threshold * ((long) m + n) / 2)));
    while (l > 1 && f(l - 1, m, n) > threshold) {
      l--;
    }
    while (l <= least && !(f(l, m, n) > threshold)) {
      l++;
    }
    return l;
  }

  /** Whether texts of these lengths can be similar at all. */
  boolean feasible(int m, int n) {
    return of(m, n) <= Math.min(m, n);
  }

  Row row(int m) {
    if (m >= CACHED_ROWS) {
      return computeRow(m);
    }
    Row row = rows[m];
    if (row == null) {
      row = computeRow(m);
      rows[m] = row;
    }
    return row;
  }

  private Row computeRow(int m) {
    short[] differing = new short[LENGTH_LIMIT + 1];
    for (int n = 0; n < LENGTH_LIMIT; n++) {
      int required = of(m, n);
      differing[n] = (short) (required > Math.min(m, n) ? -1 : m + n - 2 * required);
    }
    boolean longPartner = m >= LENGTH_LIMIT || feasible(m, LENGTH_LIMIT);
    differing[LENGTH_LIMIT] = longPartner ? ANY_DIFFERENCE : -1;
    if (!feasible(m, m)) {
      return new Row(0, 0, false, differing);
    }
    int shortPrefix = m - of(m, m) + 1;
    int longPrefix = m - of(m, shortestPartner(m)) + 1;
    return new Row(shortPrefix, longPrefix, of(m, 1) == 1, differing);
  }

  /** The least n with which m is feasible, at most m; feasibility grows with n up to m. */
  int shortestPartner(int m) {
    int low = 1;
    int high = m;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (feasible(m, middle)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }
}
