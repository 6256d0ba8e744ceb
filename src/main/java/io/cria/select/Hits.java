package io.cria.select;

import java.io.Serializable;
import java.util.Arrays;

/**
 * For each text of a batch the earliest similar text of the pool that was found: its position, in
 * order of acceptance from 0, and the ROUGE-L F with it.
 */
final class Hits implements Serializable {
  private static final long serialVersionUID = 1L;
  static final int NONE = -1;

  private final int[] positions;
  private final double[] scores;

  private Hits(int[] positions, double[] scores) {
    this.positions = positions;
    this.scores = scores;
  }

  static Hits none(int size) {
    int[] positions = new int[size];
    double[] scores = new double[size];
    Arrays.fill(positions, NONE);
    Arrays.fill(scores, Double.NaN);
    return new Hits(positions, scores);
  }

  /** Those of the texts from index {@code from} to before {@code to}. */
  Hits part(int from, int to) {
    return new Hits(Arrays.copyOfRange(positions, from, to), Arrays.copyOfRange(scores, from, to));
  }

  /** For each text the position below which an earlier neighbour would stand. */
  int[] bounds() {
    return Arrays.stream(positions)
        .map(position -> position == NONE ? Integer.MAX_VALUE : position)
        .toArray();
  }

  int size() {
    return positions.length;
  }

  /** {@link #NONE} when nothing similar was found. */
  int position(int i) {
    return positions[i];
  }

  double score(int i) {
    return scores[i];
  }

  /** Takes a similar text in when it is earlier than what is known. */
  void offer(int i, int position, double score) {
    if (positions[i] == NONE || position < positions[i]) {
      positions[i] = position;
      scores[i] = score;
    }
  }

  /** Takes in those of a part of the batch that begins at {@code from}. */
  void offerAll(int from, Hits part) {
    for (int i = 0; i < part.size(); i++) {
      if (part.positions[i] != NONE) {
        offer(from + i, part.positions[i], part.scores[i]);
      }
    }
  }
}
