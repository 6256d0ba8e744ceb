package io.cria.shard;

import java.util.Arrays;

/**
 * One row of training: segments of examples one after another, {@code T} tokens in all. Immutable.
 */
public final class PackedRow {
  /** What a label says where nothing is learnt. */
  public static final int IGNORED = -100;

  private final int[] ids;
  private final boolean[] learnt;
  private final int[] segmentLengths;

  PackedRow(int[] ids, boolean[] learnt, int[] segmentLengths) {
    this.ids = ids;
    this.learnt = learnt;
    this.segmentLengths = segmentLengths;
  }

  /** Number of tokens {@code T}. */
  public int length() {
    return ids.length;
  }

  /** (T) token ids. */
  public int[] ids() {
    return ids.clone();
  }

  /**
   * (T) what each token is to be predicted as, not shifted: its own id where it is learnt, else
   * {@link #IGNORED}. The first token of a segment is never learnt, so no target crosses a border.
   */
  public int[] labels() {
    int[] labels = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      labels[i] = learnt[i] ? ids[i] : IGNORED;
    }
    return labels;
  }

  /** (T) positions, which begin at 0 in each segment. */
  public int[] positions() {
    int[] positions = new int[ids.length];
    int at = 0;
    for (int length : segmentLengths) {
      for (int i = 0; i < length; i++) {
        positions[at++] = i;
      }
    }
    return positions;
  }

  /** Lengths of the segments; they sum to {@code T}. */
  public int[] segmentLengths() {
    return segmentLengths.clone();
  }

  /** Segment {@code index} by itself. */
  TokenisedExample segment(int index) {
    int start = 0;
    for (int i = 0; i < index; i++) {
      start += segmentLengths[i];
    }
    int end = start + segmentLengths[index];
    return new TokenisedExample(
        Arrays.copyOfRange(ids, start, end), Arrays.copyOfRange(learnt, start, end));
  }

  /** Tokens that are learnt: what a loss is divided by. */
  public int learntTokens() {
    int count = 0;
    for (boolean mark : learnt) {
      count += mark ? 1 : 0;
    }
    return count;
  }
}
