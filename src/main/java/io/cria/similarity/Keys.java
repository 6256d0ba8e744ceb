package io.cria.similarity;

import java.util.Arrays;

/**
 * The keys under which one text is indexed or looked up, and its bag signature. A buffer, reused.
 */
final class Keys {
  private static final long SINGLE = 0xFFFFFFFFL;

  private int count;
  private long[] keys = new long[64];
  private boolean[] shortRole = new boolean[64];
  private long low;
  private long high;

  /** The key of one token. */
  static long single(int token) {
    return ((long) token << 32) | SINGLE;
  }

  /** The key of two tokens in order. */
  static long pair(int token, int other) {
    return ((long) token << 32) | other;
  }

  /** A key made of a hash; never that of a single token. */
  static long hashed(long hash) {
    long key = hash & Long.MAX_VALUE;
    return isSingle(key) ? key ^ 1 : key;
  }

  static boolean isSingle(long key) {
    return (key & SINGLE) == SINGLE;
  }

  /** The token of a single key. */
  static int token(long key) {
    return (int) (key >>> 32);
  }

  int count() {
    return count;
  }

  /** Key i, rarest tokens first. */
  long key(int i) {
    return keys[i];
  }

  /** Whether key i counts against partners that are at least as long, too. */
  boolean isShort(int i) {
    return shortRole[i];
  }

  /** Signature bits 0 to 63. */
  long low() {
    return low;
  }

  /** Signature bits 64 to 86, right-aligned. */
  long high() {
    return high;
  }

  /** Forgets the keys and takes a new signature. */
  void begin(long signatureLow, long signatureHigh) {
    count = 0;
    low = signatureLow;
    high = signatureHigh;
  }

  void add(long key, boolean isShort) {
    if (count == keys.length) {
      keys = Arrays.copyOf(keys, count * 2);
      shortRole = Arrays.copyOf(shortRole, count * 2);
    }
    keys[count] = key;
    shortRole[count++] = isShort;
  }
}
