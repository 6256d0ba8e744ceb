package io.cria.similarity;

/**
 * What {@link PoolIndex} decided of an ordered batch, by the batch's indexes. A text without a
 * neighbour was kept (by {@link PoolIndex#select}) or is not similar to the pool (by {@link
 * PoolIndex#probe}).
 */
public final class Selection {
  /** No neighbour. */
  public static final int NONE = -1;

  private final int[] neighbours;
  private final double[] scores;
  private final int survivors;

  /**
   * @param neighbours one a text, {@link #NONE} for a survivor
   * @param scores as many, NaN for a survivor
   */
  public Selection(int[] neighbours, double[] scores) {
    this.neighbours = neighbours;
    this.scores = scores;
    int count = 0;
    for (int neighbour : neighbours) {
      if (neighbour == NONE) {
        count++;
      }
    }
    this.survivors = count;
  }

  /** Texts in the batch. */
  public int size() {
    return neighbours.length;
  }

  /** How many have no neighbour. */
  public int survivors() {
    return survivors;
  }

  /** Whether text i has no neighbour. */
  public boolean survives(int i) {
    return neighbours[i] == NONE;
  }

  /**
   * The pool position, in order of acceptance from 0, of the earliest accepted text similar to text
   * i; {@link #NONE} without one. Of a decision-only selection: of some accepted text similar to
   * it.
   */
  public int neighbour(int i) {
    return neighbours[i];
  }

  /** ROUGE-L F with the neighbour; NaN without one. */
  public double score(int i) {
    return scores[i];
  }
}
