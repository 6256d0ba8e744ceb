package io.cria.shard;

import java.util.Arrays;

/** One example as token ids, and which of them are learnt. Immutable. */
public final class TokenisedExample {
  private final int[] ids;
  private final boolean[] learnt;

  public TokenisedExample(int[] ids, boolean[] learnt) {
    if (ids.length != learnt.length) {
      throw new IllegalArgumentException(ids.length + " ids and " + learnt.length + " marks");
    }
    this.ids = ids.clone();
    this.learnt = learnt.clone();
  }

  public int length() {
    return ids.length;
  }

  public int id(int at) {
    return ids[at];
  }

  /**
   * Whether the loss counts the prediction of the token at {@code at}; never so for the first,
   * which nothing predicts.
   */
  public boolean isLearnt(int at) {
    return at > 0 && learnt[at];
  }

  /** Tokens that are learnt. */
  public int learntTokens() {
    int count = 0;
    for (int i = 0; i < ids.length; i++) {
      count += isLearnt(i) ? 1 : 0;
    }
    return count;
  }

  /** The first {@code length} tokens. */
  TokenisedExample head(int length) {
    return new TokenisedExample(Arrays.copyOf(ids, length), Arrays.copyOf(learnt, length));
  }
}
