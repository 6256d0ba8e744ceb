package io.cria.similarity;

import io.cria.task.CriaException;
import java.util.Arrays;

/**
 * Locality-sensitive hashing of MinHash signatures in b bands of r rows (Leskovec, Rajaraman,
 * Ullman, "Mining of Massive Datasets", section 3.4): two texts are candidates when all rows of at
 * least one band agree.
 *
 * <p><b>S-curve.</b> One row agrees with probability J, a band with J<sup>r</sup>, no band with (1
 * - J<sup>r</sup>)<sup>b</sup>: a pair is found with probability 1 - (1 -
 * J<sup>r</sup>)<sup>b</sup>, which grows with J. So a recall wanted of pairs at the least J is
 * reached or exceeded by all similar pairs, and b &ge; ln(1 - recall) / ln(1 - J<sup>r</sup>) bands
 * are enough for r rows. More rows let fewer dissimilar pairs through and need more functions.
 *
 * @param bands b
 * @param rows r, in each band
 */
public record LshBands(int bands, int rows) {
  public LshBands {
    if (bands < 1 || rows < 1) {
      throw new IllegalArgumentException("bands " + bands + ", rows " + rows + ": at least 1");
    }
  }

  /**
   * The most selective banding that finds pairs of Jaccard similarity {@code jaccard} or more with
   * probability {@code recall} or more: the most rows for which the bands need at most {@code
   * functions} functions.
   *
   * @throws CriaException (bad input) when not even single rows suffice
   */
  public static LshBands forRecall(double jaccard, double recall, int functions) {
    if (!(jaccard > 0 && jaccard < 1 && recall > 0 && recall < 1)) {
      throw new IllegalArgumentException(
          "jaccard " + jaccard + ", recall " + recall + ": between 0 and 1");
    }
    for (int rows = functions; rows >= 1; rows--) {
      double bands = Math.ceil(Math.log1p(-recall) / Math.log1p(-Math.pow(jaccard, rows)));
      if (bands * rows <= functions) {
        return new LshBands((int) Math.max(1, bands), rows);
      }
    }
    throw CriaException.badInput(
        "MinHash recall "
            + recall
            + " at similarity "
            + jaccard
            + " needs more than "
            + functions
            + " hash functions: lower the recall or use the prefilter lossless");
  }

  /** Components of the signatures that are banded. */
  public int functions() {
    return bands * rows;
  }

  /** The probability that a pair of Jaccard similarity {@code jaccard} is found. */
  public double recall(double jaccard) {
    return -Math.expm1(bands * Math.log1p(-Math.pow(jaccard, rows)));
  }

  /**
   * One key a band, with the band's number hashed in: two texts are candidates when they share a
   * key, up to chance collisions of 63 bits. Empty for a text without elements.
   *
   * @param signature of at least {@link #functions()} components
   */
  public long[] keys(int[] signature) {
    if (signature[0] == MinHash.EMPTY
        && Arrays.stream(signature).allMatch(s -> s == MinHash.EMPTY)) {
      return new long[0];
    }
    long[] keys = new long[bands];
    for (int band = 0; band < bands; band++) {
      long hash = band + 1L;
      for (int i = band * rows, end = i + rows; i < end; i++) {
        hash = (hash ^ (signature[i] & 0xFFFFFFFFL)) * 0x9E3779B97F4A7C15L;
        hash ^= hash >>> 29;
      }
      keys[band] = hash & Long.MAX_VALUE;
    }
    return keys;
  }
}
