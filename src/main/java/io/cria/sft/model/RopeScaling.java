package io.cria.sft.model;

import java.util.List;

/**
 * How rotary frequencies are stretched to longer contexts.
 *
 * <p>LongRoPE (Ding et al., arXiv 2402.13753) has two lists of divisors: the short ones hold for
 * texts up to the original length, the long ones for texts beyond it. Here the short ones are
 * computed and texts end at the original length, so that what a text's loss is does not hang on the
 * texts beside it; the long ones are kept for what is written.
 *
 * @param kind which rule
 * @param factor by how much; 1 for {@link Kind#DEFAULT}, for longrope the extended by the original
 *     length
 * @param lowFrequencyFactor llama3: wavelengths above original length / this are divided by the
 *     factor
 * @param highFrequencyFactor llama3: wavelengths below original length / this stay
 * @param originalLength llama3 and longrope: context length of the first training, in tokens
 * @param shortFactors longrope: divisors of the frequencies up to the original length
 * @param longFactors longrope: divisors of the frequencies beyond it
 * @param attentionFactor longrope: by what cosines and sines are multiplied; else 1
 * @param extendedLength longrope: tokens that the long factors are for
 */
public record RopeScaling(
    Kind kind,
    double factor,
    double lowFrequencyFactor,
    double highFrequencyFactor,
    int originalLength,
    List<Double> shortFactors,
    List<Double> longFactors,
    double attentionFactor,
    int extendedLength) {
  /** The rules, by their names in config.json. */
  public enum Kind {
    DEFAULT,
    LINEAR,
    LLAMA3,
    LONGROPE
  }

  public static final RopeScaling NONE = plain(Kind.DEFAULT, 1, 1, 1, 0);

  public RopeScaling {
    if (!(factor > 0)) {
      throw new IllegalArgumentException("the rope factor must be above 0, not " + factor);
    }
    if (!(attentionFactor > 0)) {
      throw new IllegalArgumentException(
          "the attention_factor must be above 0, not " + attentionFactor);
    }
    shortFactors = List.copyOf(shortFactors);
    longFactors = List.copyOf(longFactors);
    for (double divisor : shortFactors) {
      if (!(divisor > 0)) {
        throw new IllegalArgumentException("a short_factor must be above 0, not " + divisor);
      }
    }
  }

  public static RopeScaling linear(double factor) {
    return plain(Kind.LINEAR, factor, 1, 1, 0);
  }

  public static RopeScaling llama3(
      double factor, double lowFrequencyFactor, double highFrequencyFactor, int originalLength) {
    return plain(Kind.LLAMA3, factor, lowFrequencyFactor, highFrequencyFactor, originalLength);
  }

  private static RopeScaling plain(Kind kind, double factor, double low, double high, int length) {
    return new RopeScaling(kind, factor, low, high, length, List.of(), List.of(), 1, 0);
  }

  /** LongRoPE; {@link #lengthRatio} and {@link #defaultAttentionFactor} are its usual factors. */
  public static RopeScaling longRope(
      List<Double> shortFactors,
      List<Double> longFactors,
      int originalLength,
      int extendedLength,
      double factor,
      double attentionFactor) {
    if (originalLength < 2) {
      throw new IllegalArgumentException(
          "original_max_position_embeddings must be at least 2, not " + originalLength);
    }
    return new RopeScaling(
        Kind.LONGROPE,
        factor,
        1,
        1,
        originalLength,
        shortFactors,
        longFactors,
        attentionFactor,
        extendedLength);
  }

  static double lengthRatio(int originalLength, int extendedLength) {
    return (double) extendedLength / originalLength;
  }

  /** sqrt(1 + ln factor / ln original length), and 1 where nothing is extended. */
  static double defaultAttentionFactor(double factor, int originalLength) {
    return factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(originalLength));
  }
}
