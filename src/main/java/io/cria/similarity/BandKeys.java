package io.cria.similarity;

import java.util.Arrays;

/**
 * The MinHash band keys of one text of a pool, over the tokens that the pool's dictionary knows:
 * leaving out unknown ones can only raise the chance that a similar text is found. Reused; not
 * thread-safe.
 */
final class BandKeys {
  private final MinHash minHash;
  private final LshBands bands;
  private final TokenDictionary dictionary;
  private final Keys keys = new Keys();
  private int[] sorted = new int[64];
  private long[] elements = new long[64];

  BandKeys(MinHash minHash, LshBands bands, TokenDictionary dictionary) {
    this.minHash = minHash;
    this.bands = bands;
    this.dictionary = dictionary;
  }

  Keys keys() {
    return keys;
  }

  /**
   * Computes the keys of {@code tokens[from, from + m)}; the bag signature is that of {@code
   * prefixKeys}.
   */
  void compute(int[] tokens, int from, int m, Keys prefixKeys) {
    if (sorted.length < m) {
      sorted = new int[m * 2];
      elements = new long[m * 2];
    }
    System.arraycopy(tokens, from, sorted, 0, m);
    Arrays.sort(sorted, 0, m);
    int count = 0;
    int occurrence = 0;
    for (int i = 0; i < m; i++) {
      if (sorted[i] >= 0) {
        occurrence = i > 0 && sorted[i] == sorted[i - 1] ? occurrence + 1 : 0;
        elements[count++] = MinHash.element(dictionary.hash(sorted[i]), occurrence);
      }
    }
    keys.begin(prefixKeys.low(), prefixKeys.high());
    for (long key : bands.keys(minHash.signature(elements, count))) {
      keys.add(Keys.hashed(key), true);
    }
  }
}
