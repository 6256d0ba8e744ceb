package io.cria.dedup;

import io.cria.task.Reason;
import java.util.Arrays;
import java.util.List;

/** Of every record, which earlier one it was dropped for, if it was; held whole. */
final class SimilarVerdicts extends Verdicts implements Decided {
  private static final long serialVersionUID = 1L;
  private static final int KEPT = -1;
  private static final int MISSING = -2;

  /** Why a record without a text is dropped, where such ones may be. */
  static final String NO_TEXT = "missing";

  private final String[] inputs;
  private final int[] neighbours;
  private final double[] scores;

  /**
   * @param inputs names as they were given
   * @param firsts number of each input's first record
   */
  SimilarVerdicts(List<String> inputs, int[] firsts, int records) {
    super(firsts);
    this.inputs = inputs.toArray(String[]::new);
    this.neighbours = new int[records];
    this.scores = new double[records];
    Arrays.fill(neighbours, KEPT);
  }

  void drop(int record, int neighbour, double score) {
    neighbours[record] = neighbour;
    scores[record] = score;
  }

  /** A record has no text to be judged by. */
  void dropMissing(int record) {
    neighbours[record] = MISSING;
  }

  @Override
  int size() {
    return neighbours.length;
  }

  /** It is only read from then on, and by any thread. */
  @Override
  Decided open() {
    return this;
  }

  /** Kept records of one input. */
  long kept(int input, int records) {
    long count = 0;
    for (int i = first(input); i < first(input) + records; i++) {
      count += kept(i) ? 1 : 0;
    }
    return count;
  }

  @Override
  public boolean kept(int record) {
    return neighbours[record] == KEPT;
  }

  @Override
  public String reason(int record) {
    return hasNeighbour(record) ? Reason.SIMILAR : NO_TEXT;
  }

  @Override
  public boolean hasNeighbour(int record) {
    return neighbours[record] != MISSING;
  }

  @Override
  public String neighbourInput(int record) {
    return inputs[input(neighbours[record])];
  }

  @Override
  public long neighbourRow(int record) {
    return (long) neighbours[record] - first(input(neighbours[record]));
  }

  @Override
  public double score(int record) {
    return scores[record];
  }
}
