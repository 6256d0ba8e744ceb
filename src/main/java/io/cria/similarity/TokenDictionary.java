package io.cria.similarity;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Numbers tokens from 0 in order of first appearance. Exact: a look-up compares characters, never
 * hashes alone. Open addressing over one character array, so that a token costs some 20 bytes and
 * no object. Look-ups may run in parallel when nobody adds.
 *
 * <p>Places follow a hash under a factor drawn for each dictionary, so that nobody can write tokens
 * that meet in one place; ids do not depend on it.
 */
final class TokenDictionary {
  private final long factor = new SplittableRandom().nextLong() | 1;
  private int size;
  private char[] characters = new char[1 << 12];
  private int[] starts = new int[1 << 9];
  private int[] hashes = new int[1 << 9];
  private int[] table = new int[1 << 10];

  int size() {
    return size;
  }

  /** The id of the token, or -1. */
  int find(char[] buffer, int start, int end) {
    int hash = hash(buffer, start, end);
    int id = table[slot(buffer, start, end, hash)];
    return id - 1;
  }

  /** The id of the token, a new one if it is new. */
  int add(char[] buffer, int start, int end) {
    int hash = hash(buffer, start, end);
    int slot = slot(buffer, start, end, hash);
    if (table[slot] != 0) {
      return table[slot] - 1;
    }
    if (size + 2 > starts.length) {
      starts = Arrays.copyOf(starts, starts.length * 2);
      hashes = Arrays.copyOf(hashes, hashes.length * 2);
    }
    int from = starts[size];
    int to = Math.addExact(from, end - start);
    if (to > characters.length) {
      characters =
          Arrays.copyOf(
              characters,
              (int) Math.max(to, Math.min(Integer.MAX_VALUE - 8L, characters.length * 2L)));
    }
    System.arraycopy(buffer, start, characters, from, end - start);
    hashes[size] = hash;
    starts[size + 1] = to;
    table[slot] = ++size;
    if (size * 2L > table.length) {
      grow();
    }
    return size - 1;
  }

  /** The characters of a token. */
  String token(int id) {
    return new String(characters, starts[id], starts[id + 1] - starts[id]);
  }

  /** {@link MinHash#tokenHash} of a token. */
  long hash(int id) {
    return MinHash.tokenHash(characters, starts[id], starts[id + 1]);
  }

  private int slot(char[] buffer, int start, int end, int hash) {
    int mask = table.length - 1;
    int slot = hash & mask;
    while (true) {
      int id = table[slot] - 1;
      if (id < 0
          || (hashes[id] == hash
              && Arrays.equals(buffer, start, end, characters, starts[id], starts[id + 1]))) {
        return slot;
      }
      slot = (slot + 1) & mask;
    }
  }

  private void grow() {
    table = new int[table.length * 2];
    int mask = table.length - 1;
    for (int id = 0; id < size; id++) {
      int slot = hashes[id] & mask;
      while (table[slot] != 0) {
        slot = (slot + 1) & mask;
      }
      table[slot] = id + 1;
    }
  }

  /** Folds the 128 bits of a product for each character. */
  private int hash(char[] buffer, int start, int end) {
    long hash = factor;
    for (int i = start; i < end; i++) {
      long state = hash ^ buffer[i];
      hash = (state * factor) ^ Math.multiplyHigh(state, factor);
    }
    return (int) (hash ^ (hash >>> 32));
  }
}
