package io.cria.shard;

/**
 * What became of the examples.
 *
 * @param examples examples given
 * @param written of them in the rows, cut ones included
 * @param cut too long, and cut
 * @param dropped too long, and left out
 * @param withoutLabels left out because nothing in them is learnt
 * @param rows rows
 * @param tokens tokens in the rows
 * @param learntTokens of them learnt
 */
public record ShardCounts(
    long examples,
    long written,
    long cut,
    long dropped,
    long withoutLabels,
    long rows,
    long tokens,
    long learntTokens)
    implements java.io.Serializable {
  static final ShardCounts NONE = new ShardCounts(0, 0, 0, 0, 0, 0, 0, 0);

  /** Counts of two parts of a dataset together. */
  public ShardCounts plus(ShardCounts other) {
    return new ShardCounts(
        examples + other.examples,
        written + other.written,
        cut + other.cut,
        dropped + other.dropped,
        withoutLabels + other.withoutLabels,
        rows + other.rows,
        tokens + other.tokens,
        learntTokens + other.learntTokens);
  }

  /** Share of the rows' room that holds tokens. */
  public double fill(int contextLength) {
    return rows == 0 ? 0 : (double) tokens / ((double) rows * contextLength);
  }
}
