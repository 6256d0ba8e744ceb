package io.cria.similarity;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How many of the truly similar pairs of a sample a MinHash prefilter would compare: its measured
 * recall, to stand beside every result of {@link Prefilter#MINHASH}.
 *
 * @param texts of the sample, of different token sequences
 * @param pairs of them above the threshold, by the exact join
 * @param found of these pairs, candidates of the prefilter
 */
public record PrefilterRecall(int texts, long pairs, long found) {
  /** The share found; 1 when the sample has no similar pair. */
  public double recall() {
    return pairs == 0 ? 1 : (double) found / pairs;
  }

  /**
   * Joins the sample with itself. Takes the bands of {@code options}, whatever their prefilter.
   * Texts equal in all tokens count once: their signatures are equal, so no prefilter misses them.
   *
   * @param sample a random part of the texts; the more similar pairs it holds, the sharper the
   *     figure
   */
  public static PrefilterRecall measure(List<String> sample, EngineOptions options) {
    LshBands bands = options.bands();
    MinHash minHash = MinHash.unigrams(bands.functions());
    Pool pool = new Pool(options.withPrefilter(Prefilter.LOSSLESS));
    Set<List<String>> seen = new HashSet<>();
    List<String> distinct =
        sample.stream().filter(text -> seen.add(options.tokenizer().tokens(text))).toList();
    pool.append(distinct);
    long[][] keys = new long[distinct.size()][];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = bands.keys(minHash.signature(options.tokenizer().tokens(distinct.get(i))));
    }
    long pairs = 0;
    long found = 0;
    Probe probe = pool.borrow();
    for (int i = 0; i < distinct.size(); i++) {
      pool.take(probe, i);
      int[] similar = pool.index().findAll(probe, i);
      pairs += similar.length;
      for (int other : similar) {
        found += shareABand(keys[i], keys[other]) ? 1 : 0;
      }
    }
    return new PrefilterRecall(distinct.size(), pairs, found);
  }

  private static boolean shareABand(long[] a, long[] b) {
    for (int band = 0; band < Math.min(a.length, b.length); band++) {
      if (a[band] == b[band]) {
        return true;
      }
    }
    return false;
  }
}
