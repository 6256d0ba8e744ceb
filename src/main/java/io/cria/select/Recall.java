package io.cria.select;

import io.cria.similarity.EngineOptions;
import io.cria.similarity.PoolIndex;
import io.cria.similarity.Prefilter;
import io.cria.similarity.Selection;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What an approximate prefilter misses, on a sample: of the sampled texts that are similar to a
 * text kept before them, by the exact join with all kept texts, the share that was dropped.
 *
 * @param sampled texts of the sample
 * @param similar those similar to a text kept before them
 * @param found those of them that were dropped
 */
public record Recall(long sampled, long similar, long found) {
  /** found / similar; 1 when nothing was similar. */
  public double recall() {
    return similar == 0 ? 1 : (double) found / similar;
  }

  public Recall plus(Recall other) {
    return new Recall(sampled + other.sampled, similar + other.similar, found + other.found);
  }

  /** For people. */
  public String say() {
    return String.format(
        Locale.ROOT,
        "minhash recall %.4f: dropped %d of %d texts similar to a kept one, in a sample of %d",
        recall(),
        found,
        similar,
        sampled);
  }

  /** The exact rule beside the approximate one: an index of the kept texts that misses none. */
  public static final class Meter {
    private final PoolIndex kept;
    private final int sample;

    /**
     * @param sample texts sampled of each batch, evenly spread
     */
    public Meter(EngineOptions options, int sample) {
      this.kept = new PoolIndex(options.withPrefilter(Prefilter.LOSSLESS));
      this.sample = sample;
    }

    /** Takes in texts that were kept without being judged. */
    public void accept(List<String> texts) {
      kept.append(texts);
    }

    /**
     * Measures one batch.
     *
     * @param batch its texts in order
     * @param isKept whether each was kept
     */
    public Recall batch(List<String> batch, java.util.function.IntPredicate isKept) {
      List<String> keptHere = new ArrayList<>();
      List<String> sampledKept = new ArrayList<>();
      List<Integer> positions = new ArrayList<>();
      long sampled = 0;
      long dropped = 0;
      int size = batch.size();
      int wanted = Math.min(sample, size);
      for (int i = 0; i < size; i++) {
        // true for `wanted` of the indexes, evenly spread
        boolean chosen = (long) (i + 1) * wanted / size > (long) i * wanted / size;
        sampled += chosen ? 1 : 0;
        if (!isKept.test(i)) {
          dropped += chosen ? 1 : 0;
          continue;
        }
        if (chosen) {
          sampledKept.add(batch.get(i));
          positions.add(kept.size() + keptHere.size());
        }
        keptHere.add(batch.get(i));
      }
      kept.append(keptHere);
      Selection exact = kept.probe(sampledKept);
      long missed = 0;
      for (int i = 0; i < sampledKept.size(); i++) {
        // its own position, or a later one, is no earlier neighbour
        if (!exact.survives(i) && exact.neighbour(i) < positions.get(i)) {
          missed++;
        }
      }
      return new Recall(sampled, dropped + missed, dropped);
    }
  }
}
