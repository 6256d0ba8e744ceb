package io.cria.similarity;

import io.cria.task.CriaException;
import io.cria.text.Tokenizer;
import java.util.Objects;

/**
 * How a {@link PoolIndex} decides (tokenizer, threshold) and how it works (the rest, which changes
 * no result unless the prefilter is {@link Prefilter#MINHASH}).
 *
 * @param tokenizer cuts texts into the tokens that are compared
 * @param threshold a text is dropped when its F exceeds this; in (0.3, 1]
 * @param threads that probe one batch; at least 1
 * @param hotFrequency tokens in more texts than this are indexed by ordered pairs
 * @param chunk texts probed together before the kept ones join the index; 0 chooses by the pool's
 *     size
 * @param prefilter what decides which pairs are compared
 * @param recall of MinHash prefilters: the least probability to find a similar pair, in (0, 1)
 */
public record EngineOptions(
    Tokenizer tokenizer,
    double threshold,
    int threads,
    int hotFrequency,
    int chunk,
    Prefilter prefilter,
    double recall) {
  /** Chosen by measurement: below it pairs cost more than the scanning they save. */
  public static final int HOT_FREQUENCY = 2_000;

  /** Of MinHash prefilters unless told otherwise; at threshold 0.7 it takes 35 bands of 4 rows. */
  public static final double RECALL = 0.95;

  /** The most hash functions a signature may have. */
  private static final int FUNCTIONS = 256;

  public EngineOptions {
    Objects.requireNonNull(tokenizer, "tokenizer");
    Objects.requireNonNull(prefilter, "prefilter");
    if (!(threshold > 0.3 && threshold <= 1)) {
      throw CriaException.badInput(
          "similarity threshold out of range, "
              + threshold
              + ": give a number above 0.3, at most 1");
    }
    if (!(recall > 0 && recall < 1)) {
      throw CriaException.badInput(
          "MinHash recall out of range, " + recall + ": give a number above 0, below 1");
    }
    if (threads < 1 || hotFrequency < 0 || chunk < 0) {
      throw new IllegalArgumentException(
          "threads " + threads + ", hotFrequency " + hotFrequency + ", chunk " + chunk);
    }
  }

  /** The published rule: rouge-en tokens, F above 0.7. */
  public static EngineOptions published() {
    return of(Tokenizer.named("rouge-en"), 0.7);
  }

  /** One thread, lossless. */
  public static EngineOptions of(Tokenizer tokenizer, double threshold) {
    return new EngineOptions(tokenizer, threshold, 1, HOT_FREQUENCY, 0, Prefilter.LOSSLESS, RECALL);
  }

  public EngineOptions withThreads(int count) {
    return new EngineOptions(tokenizer, threshold, count, hotFrequency, chunk, prefilter, recall);
  }

  public EngineOptions withHotFrequency(int frequency) {
    return new EngineOptions(tokenizer, threshold, threads, frequency, chunk, prefilter, recall);
  }

  public EngineOptions withChunk(int texts) {
    return new EngineOptions(tokenizer, threshold, threads, hotFrequency, texts, prefilter, recall);
  }

  public EngineOptions withPrefilter(Prefilter which) {
    return new EngineOptions(tokenizer, threshold, threads, hotFrequency, chunk, which, recall);
  }

  public EngineOptions withRecall(double share) {
    return new EngineOptions(tokenizer, threshold, threads, hotFrequency, chunk, prefilter, share);
  }

  /**
   * The bands that find a pair at the threshold with the wanted recall.
   *
   * @throws CriaException (bad input) when 256 hash functions do not reach it
   */
  public LshBands bands() {
    // At threshold 1 nothing is similar; any banding will do.
    return LshBands.forRecall(Math.min(MinHash.jaccardAt(threshold), 0.999), recall, FUNCTIONS);
  }
}
