package io.cria.similarity;

import java.util.Arrays;

/**
 * Pairs of one ordered batch whose ROUGE-L F is known to exceed the threshold: what a prefilter has
 * verified already. They let {@link PoolIndex#select(java.util.List, KnownPairs)} search less and
 * change nothing of what it decides; any part of the similar pairs will do, none as well.
 */
public final class KnownPairs {
  private static final KnownPairs NONE = new KnownPairs(new long[0], new double[0]);

  /** The later text's index in the upper half, the earlier one's in the lower; ascending. */
  private final long[] pairs;

  private final double[] scores;

  private KnownPairs(long[] pairs, double[] scores) {
    this.pairs = pairs;
    this.scores = scores;
  }

  public static KnownPairs none() {
    return NONE;
  }

  public int size() {
    return pairs.length;
  }

  /** Where the pairs of the text at index {@code later}, or of the next that has some, begin. */
  int first(int later) {
    int at = Arrays.binarySearch(pairs, (long) later << 32);
    return at >= 0 ? at : -at - 1;
  }

  /** Whether pair {@code at} is one of text {@code later}. */
  boolean isOf(int at, int later) {
    return at < pairs.length && (int) (pairs[at] >> 32) == later;
  }

  int earlier(int at) {
    return (int) pairs[at];
  }

  double score(int at) {
    return scores[at];
  }

  /**
   * The pairs of a part of the batch, by the part's indexes.
   *
   * @param part indexes of the batch, ascending
   */
  public KnownPairs among(int[] part) {
    Builder builder = new Builder();
    for (int at = 0; at < pairs.length; at++) {
      int later = Arrays.binarySearch(part, (int) (pairs[at] >> 32));
      int earlier = Arrays.binarySearch(part, earlier(at));
      if (later >= 0 && earlier >= 0) {
        builder.add(later, earlier, scores[at]);
      }
    }
    return builder.build();
  }

  /** Collects pairs in any order. */
  public static final class Builder {
    private long[] pairs = new long[64];
    private double[] scores = new double[64];
    private int size;

    /**
     * @param later index in the batch
     * @param earlier index in the batch of a text before it
     * @param score ROUGE-L F of the two, above the threshold
     */
    public void add(int later, int earlier, double score) {
      if (earlier < 0 || earlier >= later) {
        throw new IllegalArgumentException("texts " + earlier + " and " + later + ": not in order");
      }
      if (size == pairs.length) {
        pairs = Arrays.copyOf(pairs, size * 2);
        scores = Arrays.copyOf(scores, size * 2);
      }
      pairs[size] = (long) later << 32 | earlier;
      scores[size++] = score;
    }

    /** Every pair once. */
    public KnownPairs build() {
      long[] sorted = Arrays.copyOf(pairs, size);
      Arrays.sort(sorted);
      int count = 0;
      for (int i = 0; i < size; i++) {
        if (i == 0 || sorted[i] != sorted[i - 1]) {
          sorted[count++] = sorted[i];
        }
      }
      sorted = Arrays.copyOf(sorted, count);
      double[] inOrder = new double[count];
      for (int i = 0; i < size; i++) {
        inOrder[Arrays.binarySearch(sorted, pairs[i])] = scores[i];
      }
      return new KnownPairs(sorted, inOrder);
    }
  }
}
