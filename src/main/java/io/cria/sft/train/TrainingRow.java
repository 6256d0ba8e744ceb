package io.cria.sft.train;

/**
 * Examples laid end to end, without padding.
 *
 * @param tokens ids of all segments in order
 * @param labels as many: the token's own id where it is to be learnt, {@link #IGNORED} elsewhere.
 *     Not shifted: the label at t is predicted from the tokens before t of the same segment, so the
 *     first of a segment is never learnt.
 * @param segmentLengths tokens of each segment; each at least 1, together all tokens
 */
@SuppressWarnings(
    "ArrayRecordComponent") // large and handed over once; copied on the way in, never changed after
public record TrainingRow(int[] tokens, int[] labels, int[] segmentLengths) {
  /** The label of a token that is not learnt. */
  public static final int IGNORED = -100;

  public TrainingRow {
    tokens = tokens.clone();
    labels = labels.clone();
    segmentLengths = segmentLengths.clone();
    if (labels.length != tokens.length) {
      throw new IllegalArgumentException(
          tokens.length + " tokens have " + labels.length + " labels");
    }
    int sum = 0;
    for (int length : segmentLengths) {
      if (length < 1) {
        throw new IllegalArgumentException("a segment must have at least 1 token, not " + length);
      }
      sum += length;
    }
    if (sum != tokens.length) {
      throw new IllegalArgumentException(
          "segments of " + sum + " tokens in a row of " + tokens.length);
    }
  }

  /** A row that is one example. */
  public static TrainingRow single(int[] tokens, int[] labels) {
    return new TrainingRow(tokens, labels, new int[] {tokens.length});
  }

  /** Tokens of the row. */
  public int length() {
    return tokens.length;
  }

  /** Tokens that are learnt: labelled ones that do not begin a segment. */
  public int targets() {
    int targets = 0;
    int at = 0;
    for (int length : segmentLengths) {
      for (int i = at + 1; i < at + length; i++) {
        targets += labels[i] == IGNORED ? 0 : 1;
      }
      at += length;
    }
    return targets;
  }
}
