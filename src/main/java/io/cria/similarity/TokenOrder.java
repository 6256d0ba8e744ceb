package io.cria.similarity;

import java.util.Arrays;

/**
 * The total order of tokens that every prefix follows: ascending document frequency at the moment
 * of the freeze, and before all of those the tokens first seen later. Frozen, because one index
 * must be built and probed under one order; when the texts counted have doubled the owner freezes
 * anew and rebuilds. Any total order gives the same decisions; a good one gives short posting
 * lists.
 */
final class TokenOrder {
  /** The rank of tokens that no indexed text can have. */
  static final int UNKNOWN = Integer.MIN_VALUE;

  private final int hotFrequency;
  private final PairLimit pairLimit;
  private int[] frequency = new int[1 << 9];
  private int[] lastText = new int[1 << 9];
  private int texts;

  private int[] ranks = new int[0];
  private int[] tokens = new int[0];
  private int firstHotRank;
  private int frozenAt;

  /**
   * @param hotFrequency tokens in more texts than this are hot
   */
  TokenOrder(int hotFrequency, RequiredLcs required) {
    this.pairLimit = new PairLimit(required);
    this.hotFrequency = hotFrequency;
  }

  /** Counts one text's tokens, each once. */
  void count(int[] text, int from, int length) {
    texts++;
    pairLimit.count(length);
    for (int i = from; i < from + length; i++) {
      int token = text[i];
      if (token >= frequency.length) {
        int size = Math.max(token + 1, frequency.length * 2);
        frequency = Arrays.copyOf(frequency, size);
        lastText = Arrays.copyOf(lastText, size);
      }
      if (lastText[token] != texts) {
        lastText[token] = texts;
        frequency[token]++;
      }
    }
  }

  /**
   * Whether twice as many texts are counted as at the last freeze, or there was none, or they have
   * grown too long for the limit of pair keys.
   */
  boolean isStale() {
    return (texts >= 2L * frozenAt && texts > 0) || pairLimit.isExceeded();
  }

  /** Orders the tokens below {@code vocabulary} by what is counted so far. */
  void freeze(int vocabulary) {
    long[] byFrequency = new long[vocabulary];
    for (int token = 0; token < vocabulary; token++) {
      long count = token < frequency.length ? frequency[token] : 0;
      byFrequency[token] = (count << 32) | token;
    }
    Arrays.sort(byFrequency);
    ranks = new int[vocabulary];
    tokens = new int[vocabulary];
    firstHotRank = vocabulary;
    for (int rank = vocabulary - 1; rank >= 0; rank--) {
      int token = (int) byFrequency[rank];
      tokens[rank] = token;
      ranks[token] = rank;
      if (byFrequency[rank] >>> 32 > hotFrequency) {
        firstHotRank = rank;
      }
    }
    frozenAt = texts;
    pairLimit.renew();
  }

  /** Which texts get pair keys, as of the freeze. */
  PairLimit pairLimit() {
    return pairLimit;
  }

  /** Where {@code token} stands; {@link #UNKNOWN} for a negative one. */
  int rank(int token) {
    if (token < ranks.length) {
      return token < 0 ? UNKNOWN : ranks[token];
    }
    return ranks.length - 1 - token;
  }

  /** The token at a rank that is not {@link #UNKNOWN}. */
  int token(int rank) {
    return rank >= 0 ? tokens[rank] : ranks.length - 1 - rank;
  }

  boolean isHot(int rank) {
    return rank >= firstHotRank;
  }
}
