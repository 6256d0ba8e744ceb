package io.cria.similarity;

import java.util.Arrays;

/**
 * Length of the longest common subsequence of one prepared text with many others, 64 cells of the
 * dynamic program a machine word (Hyyrö, "Bit-parallel LCS-length computation revisited", AWOCA
 * 2004): for each token of the other text with match mask M, {@code U = V & M; V = (V + U) | (V -
 * U)}; the length is the number of zeros in V. Masks are found by token id in a table over the
 * vocabulary. A prepared text of more than 64 tokens is worked through word by word, the carries of
 * one word's additions kept for the next, so memory is linear in both texts. Not thread-safe.
 */
final class BitParallelLcs {
  /** By token: 1 + its number among the prepared text's distinct tokens, 0 for the others. */
  private int[] slotOfToken = new int[0];

  private int[] tokenOfSlot = new int[64];
  private long[] maskOfSlot = new long[64];
  private int distinct;
  private int[] slots = new int[64];
  private int length;

  private int[] otherSlots = new int[64];
  private byte[] carries = new byte[64];

  /**
   * Makes {@code tokens[from, from + count)} the prepared text.
   *
   * @param tokens ids below {@code vocabulary}; a negative one matches nothing
   * @param vocabulary above every id of this text and of those compared with it
   */
  void prepare(int[] tokens, int from, int count, int vocabulary) {
    forget();
    ensureCapacity(count, vocabulary);
    length = count;
    for (int i = 0; i < count; i++) {
      int token = tokens[from + i];
      int slot = 0;
      if (token >= 0) {
        slot = slotOfToken[token];
        if (slot == 0) {
          slot = ++distinct;
          slotOfToken[token] = slot;
          tokenOfSlot[slot] = token;
        }
      }
      slots[i] = slot;
    }
    if (count <= 64) {
      addMasks(0, count);
    }
  }

  private void forget() {
    for (int slot = 1; slot <= distinct; slot++) {
      slotOfToken[tokenOfSlot[slot]] = 0;
      maskOfSlot[slot] = 0;
    }
    distinct = 0;
  }

  private void ensureCapacity(int count, int vocabulary) {
    if (slotOfToken.length < vocabulary) {
      slotOfToken = Arrays.copyOf(slotOfToken, vocabulary + vocabulary / 4);
    }
    if (slots.length <= count) {
      slots = new int[count * 2];
      tokenOfSlot = new int[count * 2];
      maskOfSlot = new long[count * 2];
    }
  }

  /** Sets the bits of the prepared text's tokens [start, end), which lie in one word. */
  private void addMasks(int start, int end) {
    for (int i = start; i < end; i++) {
      maskOfSlot[slots[i]] |= 1L << i;
    }
    maskOfSlot[0] = 0;
  }

  /**
   * The LCS length of the prepared text and {@code other[start, start + n)}, or -1 when it is
   * certainly less than {@code required}. A result below {@code required} is possible and exact.
   */
  int lengthOrLess(int[] other, int start, int n, int required) {
    return length <= 64 ? oneWord(other, start, n, required) : manyWords(other, start, n, required);
  }

  private int oneWord(int[] other, int start, int n, int required) {
    int spare = n - required;
    long v = -1L;
    for (int j = start, end = start + n; j < end; j++) {
      int slot = slotOfToken[other[j]];
      if (slot == 0) {
        if (--spare < 0) {
          return -1;
        }
      } else {
        long u = v & maskOfSlot[slot];
        v = (v + u) | (v - u);
      }
    }
    return Long.bitCount(~v & cells(length));
  }

  private int manyWords(int[] other, int start, int n, int required) {
    if (otherSlots.length < n) {
      otherSlots = new int[n * 2];
      carries = new byte[n * 2];
    }
    int present = 0;
    for (int j = start, end = start + n; j < end; j++) {
      int slot = slotOfToken[other[j]];
      if (slot != 0) {
        otherSlots[present++] = slot;
      } else if (n - required < j - start - present + 1) {
        return -1;
      }
    }
    Arrays.fill(carries, 0, present, (byte) 0);
    int lcs = 0;
    for (int from = 0; from < length; from += 64) {
      int to = Math.min(length, from + 64);
      addMasks(from, to);
      lcs += Long.bitCount(~word(present) & cells(to - from));
      for (int i = from; i < to; i++) {
        maskOfSlot[slots[i]] = 0;
      }
    }
    return lcs;
  }

  /**
   * One word's column of the program over the other text; takes the carries in and leaves its own.
   */
  private long word(int present) {
    long v = -1L;
    for (int j = 0; j < present; j++) {
      long u = v & maskOfSlot[otherSlots[j]];
      long sum = v + u;
      long total = sum + carries[j];
      // sum < v or total < sum, unsigned
      carries[j] =
          (byte)
              ((sum + Long.MIN_VALUE < v + Long.MIN_VALUE ? 1 : 0)
                  | (total + Long.MIN_VALUE < sum + Long.MIN_VALUE ? 1 : 0));
      v = total | (v - u);
    }
    return v;
  }

  private static long cells(int count) {
    return count == 64 ? -1L : (1L << count) - 1;
  }
}
