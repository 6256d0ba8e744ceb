package io.cria.similarity;

import java.util.Arrays;

/**
 * The keys and the bag signature of one text. Two similar texts share at least one key, and their
 * signatures differ in few bits. Reused from text to text; not thread-safe.
 *
 * <p><b>Why no pair is missed.</b> Sort both token multisets by one total order. Let A = REQ[m][n]
 * and M the tokens of a longest common subsequence, so |M| &ge; A and M is contained in both
 * multisets. The k-th least element of M has A - k elements of M after it, hence stands among the
 * first m - A + k of one text and the first n - A + k of the other (counted from 1): the least
 * token of M is in both prefixes, and its first occurrence is.
 *
 * <ul>
 *   <li><i>Rare token:</i> the key is the token.
 *   <li><i>Hot token a</i> (an up-set of the order, so M's second token b is hot too): the key is
 *       an ordered pair. If a &ne; b all their matched occurrences keep the order of the texts, so
 *       a..b or b..a is a subsequence of both; the text has the key (a,b) when its first a stands
 *       before its last b. If M holds a twice the key is (a,a).
 *   <li><i>Pairs that need it</i> (A = 1, or a text beyond {@link PairLimit}) meet under the hot
 *       token alone; whether a text can be in such a pair depends on its length only.
 *   <li><i>Roles:</i> REQ grows with the partner's length, so with a partner at least as long the
 *       shorter prefix of {@link RequiredLcs.Row} is enough. A key within it is "short", one beyond
 *       it is of use only against shorter texts.
 * </ul>
 *
 * <p><b>Signature.</b> Each token sets one of 87 bits. A bit set on one side only comes from an
 * unmatched token, of which there are at most (m - L) + (n - L).
 */
final class PrefixKeys {
  private static final int BITS = 64 + 23;

  private final RequiredLcs required;
  private final Keys keys = new Keys();
  private long[] sorted = new long[64];
  private long low;
  private long high;

  PrefixKeys(RequiredLcs required) {
    this.required = required;
  }

  Keys keys() {
    return keys;
  }

  /**
   * Computes keys and signature of {@code tokens[from, from + m)}; negative tokens are unknown and
   * give neither.
   */
  void compute(int[] tokens, int from, int m, TokenOrder order) {
    low = 0;
    high = 0;
    RequiredLcs.Row row = required.row(m);
    if (sorted.length < m) {
      sorted = new long[Math.max(m, 2 * sorted.length)];
    }
    for (int i = 0; i < m; i++) {
      int token = tokens[from + i];
      sorted[i] = ((long) order.rank(token) << 32) | i;
      if (token >= 0) {
        setBit(token);
      }
    }
    Arrays.sort(sorted, 0, m);
    keys.begin(low, high);
    boolean pairs = order.pairLimit().hasPairs(m);
    boolean singles = row.singles() || order.pairLimit().needsSingles(m);
    for (int i = 0; i < row.longPrefix(); ) {
      int end = groupEnd(i, m);
      int rank = rankAt(i);
      if (rank != TokenOrder.UNKNOWN) {
        int token = order.token(rank);
        boolean hot = order.isHot(rank);
        if (!hot || singles) {
          keys.add(Keys.single(token), i < row.shortPrefix());
        }
        if (hot && pairs) {
          addPairs(token, i, end, m, row, order);
        }
      }
      i = end;
    }
  }

  private void addPairs(
      int token, int start, int end, int m, RequiredLcs.Row row, TokenOrder order) {
    boolean shortFirst = start < row.shortPrefix();
    int limit = Math.min(m, row.longPrefix() + 1);
    if (end - start > 1 && start + 1 < limit) {
      keys.add(Keys.pair(token, token), shortFirst && start + 1 <= row.shortPrefix());
    }
    for (int j = end; j < limit; ) {
      int otherEnd = groupEnd(j, m);
      int other = order.token(rankAt(j));
      boolean isShort = shortFirst && j <= row.shortPrefix();
      if (positionAt(start) < positionAt(otherEnd - 1)) {
        keys.add(Keys.pair(token, other), isShort);
      }
      if (positionAt(j) < positionAt(end - 1)) {
        keys.add(Keys.pair(other, token), isShort);
      }
      j = otherEnd;
    }
  }

  private void setBit(int token) {
    long hash = (token * 0x9E3779B97F4A7C15L) >>> 32;
    int bit = (int) ((hash * BITS) >>> 32);
    if (bit < 64) {
      low |= 1L << bit;
    } else {
      high |= 1L << (bit - 64);
    }
  }

  private int groupEnd(int start, int m) {
    int rank = rankAt(start);
    int end = start + 1;
    while (end < m && rankAt(end) == rank) {
      end++;
    }
    return end;
  }

  private int rankAt(int i) {
    return (int) (sorted[i] >> 32);
  }

  private int positionAt(int i) {
    return (int) sorted[i];
  }
}
