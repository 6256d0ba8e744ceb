package io.cria.similarity;

import io.cria.task.CriaException;
import io.cria.text.Tokenizer;
import java.util.Objects;

/**
 * How a {@link PoolIndex} decides (tokenizer, threshold) and how it works (the rest, which changes
 * no result).
 *
 * @param tokenizer cuts texts into the tokens that are compared
 * @param threshold a text is dropped when its F exceeds this; in (0.3, 1]
 * @param threads that probe one batch; at least 1
 * @param hotFrequency tokens in more texts than this are indexed by ordered pairs
 * @param chunk texts probed together before the kept ones join the index; 0 chooses by the pool's
 *     size
 */
public record EngineOptions(
    Tokenizer tokenizer, double threshold, int threads, int hotFrequency, int chunk) {
  /** Chosen by measurement: below it pairs cost more than the scanning they save. */
  public static final int HOT_FREQUENCY = 2_000;

  public EngineOptions {
    Objects.requireNonNull(tokenizer, "tokenizer");
    if (!(threshold > 0.3 && threshold <= 1)) {
      throw CriaException.badInput(
          "similarity threshold out of range, "
              + threshold
              + ": give a number above 0.3, at most 1");
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

  /** One thread. */
  public static EngineOptions of(Tokenizer tokenizer, double threshold) {
    return new EngineOptions(tokenizer, threshold, 1, HOT_FREQUENCY, 0);
  }

  public EngineOptions withThreads(int count) {
    return new EngineOptions(tokenizer, threshold, count, hotFrequency, chunk);
  }

  public EngineOptions withHotFrequency(int frequency) {
    return new EngineOptions(tokenizer, threshold, threads, frequency, chunk);
  }

  public EngineOptions withChunk(int texts) {
    return new EngineOptions(tokenizer, threshold, threads, hotFrequency, texts);
  }
}
