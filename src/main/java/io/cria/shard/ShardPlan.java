package io.cria.shard;

import java.io.Serializable;

/**
 * How a dataset becomes shards, whoever writes them. The examples in their order are cut into parts
 * of equal size; each part is packed by itself. So the files depend on the examples and this plan
 * alone, not on how many machines wrote them.
 *
 * @param contextLength tokens of a row at most
 * @param cut whether the end of a too long example is cut off; else it is left out
 * @param pack whether a row may hold several examples
 * @param evaluationShare share of the instructions held out
 * @param seed of that choice
 * @param examplesPerPart examples of one part
 */
public record ShardPlan(
    int contextLength,
    boolean cut,
    boolean pack,
    double evaluationShare,
    long seed,
    int examplesPerPart)
    implements Serializable {
  public static final int EXAMPLES_PER_PART = 1 << 16;

  private static final int PACKED_TOGETHER = 8192;
  private static final int ROWS_PER_SHARD = 1 << 16;

  public ShardPlan {
    if (contextLength < 2 || examplesPerPart < 1) {
      throw new IllegalArgumentException("a context has at least 2 tokens, a part an example");
    }
    if (!(evaluationShare >= 0 && evaluationShare < 1)) {
      throw new IllegalArgumentException(
          "the held-out share must lie in [0, 1), not " + evaluationShare);
    }
  }

  ShardOptions options() {
    return new ShardOptions(
        contextLength,
        cut ? ShardOptions.TooLong.CUT : ShardOptions.TooLong.DROP,
        pack ? PACKED_TOGETHER : 1,
        ROWS_PER_SHARD);
  }
}
