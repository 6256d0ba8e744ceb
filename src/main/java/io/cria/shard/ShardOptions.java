package io.cria.shard;

/**
 * How examples become shards.
 *
 * @param contextLength tokens of a row at most
 * @param tooLong what becomes of an example with more
 * @param bufferSize examples that are packed together; 1 packs none
 * @param rowsPerShard rows of one file at most
 */
public record ShardOptions(int contextLength, TooLong tooLong, int bufferSize, int rowsPerShard) {
  /** What becomes of an example that does not fit. */
  public enum TooLong {
    /** It is left out. */
    DROP,
    /** Its end is cut off, as the Alpaca recipe does; if nothing learnt remains it is left out. */
    CUT
  }

  public ShardOptions {
    if (contextLength < 2 || bufferSize < 1 || rowsPerShard < 1) {
      throw new IllegalArgumentException(
          "a context has at least 2 tokens, buffer and shard at least one entry");
    }
  }

  /** Drops what is too long, packs 8192 examples together, 65,536 rows a file. */
  public static ShardOptions of(int contextLength) {
    return new ShardOptions(contextLength, TooLong.DROP, 8192, 1 << 16);
  }
}
