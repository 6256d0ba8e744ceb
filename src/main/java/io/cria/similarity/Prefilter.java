package io.cria.similarity;

import io.cria.task.CriaException;

/** What decides which pairs are compared at all. */
public enum Prefilter {
  /** The prefix index, which misses no pair. */
  LOSSLESS("lossless"),
  /**
   * MinHash first: a verified hit on an accepted text drops early, the rest goes to the prefix
   * index. The result is that of {@link #LOSSLESS}.
   */
  MINHASH_LOSSLESS("minhash+lossless"),
  /**
   * MinHash alone: approximate; keeps some texts that the rule drops, and so drops some that it
   * keeps.
   */
  MINHASH("minhash");

  private final String key;

  Prefilter(String key) {
    this.key = key;
  }

  /** The name in configurations and on command lines. */
  public String key() {
    return key;
  }

  /** Whether decisions are those of the rule. */
  public boolean isExact() {
    return this != MINHASH;
  }

  /**
   * The prefilter of that name.
   *
   * @throws CriaException (bad input) for an unknown name
   */
  public static Prefilter named(String name) {
    for (Prefilter prefilter : values()) {
      if (prefilter.key.equals(name)) {
        return prefilter;
      }
    }
    throw CriaException.badInput(
        "unknown prefilter, '" + name + "': use lossless, minhash+lossless or minhash");
  }
}
