package io.cria.similarity;

/**
 * Up to which length texts get pair keys, whose number grows with the square of the length: the
 * greatest limit of a few at which the texts counted have, on average, no more keys than a budget.
 * So a pool of short texts with some long ones among them has pairs for nearly all, which is
 * fastest, and one of long texts has none, which is both smaller and faster then. Pairs with a text
 * beyond the limit meet under single tokens.
 *
 * <p>Index and probe must agree on the limit, so it changes when the owner renews it, and then all
 * is indexed anew.
 */
final class PairLimit {
  /** Keys a text on average; at most 4 KiB each. */
  private static final int BUDGET = 128;

  private static final int[] LIMITS = {160, 80, 40, 20, 0};

  private final RequiredLcs required;
  private final long[] keys = new long[LIMITS[0] + 1];
  private long keysWithin;
  private long texts;
  private int limit = LIMITS[0];
  private int firstWithSingles;

  PairLimit(RequiredLcs required) {
    this.required = required;
    renew();
  }

  /** Counts a text of m tokens. */
  void count(int m) {
    texts++;
    if (m < keys.length) {
      long most = mostKeys(m);
      keys[m] += most;
      keysWithin += m <= limit ? most : 0;
    }
  }

  /** When every token is hot. */
  private long mostKeys(int m) {
    long prefix = required.row(m).longPrefix();
    return prefix * (prefix + 1) / 2;
  }

  /** Whether texts within the limit have used up the budget twice since it was chosen. */
  boolean isExceeded() {
    return keysWithin > 2 * BUDGET * texts && keysWithin > 2 * BUDGET * 64;
  }

  /** Chooses the limit by what is counted so far. */
  void renew() {
    for (int candidate : LIMITS) {
      limit = candidate;
      keysWithin = 0;
      for (int m = 0; m <= limit; m++) {
        keysWithin += keys[m];
      }
      if (keysWithin <= BUDGET * texts) {
        break;
      }
    }
    firstWithSingles = required.shortestPartner(limit + 1);
  }

  /** Whether texts of m tokens get pair keys. */
  boolean hasPairs(int m) {
    return m <= limit;
  }

  /** Whether a text of m tokens can be similar to one beyond the limit. */
  boolean needsSingles(int m) {
    return m >= firstWithSingles;
  }
}
