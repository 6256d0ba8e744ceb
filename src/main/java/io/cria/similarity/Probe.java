package io.cria.similarity;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One thread's working memory for one text at a time: its keys, its LCS masks, and which postings
 * were verified already, because two texts can meet under several keys.
 */
final class Probe {
  /** Verified together, so that their texts are fetched from memory at once. */
  private static final int CANDIDATES = 8;

  private final PrefixKeys prefixKeys;
  private final @Nullable BandKeys bandKeys;
  private final BitParallelLcs lcs = new BitParallelLcs();
  private final Postings.Lists lists = new Postings.Lists();

  private int[] tokens = new int[0];
  private int from;
  private int length;
  private int vocabulary;
  private boolean prepared;
  private int[] verified = new int[64];
  private int verifiedCount;

  private final int[] candidates = new int[CANDIDATES];
  private int candidateCount;

  /** LCS length with the text found last. */
  int found;

  /**
   * Sum of what was read only to have it in the cache; kept so that the reading is not optimised
   * away.
   */
  int touched;

  /** Notes a posting to be verified; true when no more can be noted before they are taken. */
  boolean addCandidate(int id) {
    candidates[candidateCount++] = id;
    return candidateCount == CANDIDATES;
  }

  int[] candidates() {
    return candidates;
  }

  /** How many candidates were noted; none is now. */
  int takeCandidates() {
    int count = candidateCount;
    candidateCount = 0;
    return count;
  }

  /**
   * @param bandKeys null where no MinHash is used
   */
  Probe(RequiredLcs required, @Nullable BandKeys bandKeys) {
    this.prefixKeys = new PrefixKeys(required);
    this.bandKeys = bandKeys;
  }

  /**
   * Takes up {@code text[start, start + textLength)}; {@code tokenCount} is above every known
   * token's id.
   */
  void take(int[] text, int start, int textLength, TokenOrder order, int tokenCount) {
    tokens = text;
    from = start;
    length = textLength;
    vocabulary = tokenCount;
    prepared = false;
    prefixKeys.compute(text, start, textLength, order);
    if (bandKeys != null) {
      bandKeys.compute(text, start, textLength, prefixKeys.keys());
    }
  }

  Keys keys() {
    return prefixKeys.keys();
  }

  Keys bandKeys() {
    return Objects.requireNonNull(bandKeys, "no MinHash here").keys();
  }

  Postings.Lists lists() {
    return lists;
  }

  int length() {
    return length;
  }

  /** The kernel with this text prepared, on first use. */
  BitParallelLcs kernel() {
    if (!prepared) {
      lcs.prepare(tokens, from, length, vocabulary);
      prepared = true;
    }
    return lcs;
  }

  /** Before another index is asked, whose ids may have another meaning. */
  void forgetVerified() {
    if (verifiedCount > 0) {
      Arrays.fill(verified, 0);
      verifiedCount = 0;
      if (verified.length > 1 << 12) {
        verified = new int[64];
      }
    }
  }

  /** Whether {@code id} is new among what this text was verified against. */
  boolean firstTime(int id) {
    if (verifiedCount * 2 >= verified.length) {
      int[] old = verified;
      verified = new int[old.length * 2];
      for (int stored : old) {
        if (stored != 0) {
          verified[slot(stored)] = stored;
        }
      }
    }
    int slot = slot(id + 1);
    if (verified[slot] != 0) {
      return false;
    }
    verified[slot] = id + 1;
    verifiedCount++;
    return true;
  }

  private int slot(int stored) {
    int mask = verified.length - 1;
    int slot = ((stored * 0x9E3779B9) >>> 7) & mask;
    while (verified[slot] != 0 && verified[slot] != stored) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }
}
