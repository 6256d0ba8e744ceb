package io.cria.sft.model;

/**
 * How rotary frequencies are stretched to longer contexts.
 *
 * @param kind which rule
 * @param factor by how much; 1 for {@link Kind#DEFAULT}
 * @param lowFrequencyFactor llama3: wavelengths above original length / this are divided by the
 *     factor
 * @param highFrequencyFactor llama3: wavelengths below original length / this stay
 * @param originalLength llama3: context length of the first training, in tokens
 */
public record RopeScaling(
    Kind kind,
    double factor,
    double lowFrequencyFactor,
    double highFrequencyFactor,
    int originalLength) {
  /** The rules, by their names in config.json. */
  public enum Kind {
    DEFAULT,
    LINEAR,
    LLAMA3
  }

  public static final RopeScaling NONE = new RopeScaling(Kind.DEFAULT, 1, 1, 1, 0);

  public static RopeScaling linear(double factor) {
    return new RopeScaling(Kind.LINEAR, factor, 1, 1, 0);
  }

  public RopeScaling {
    if (!(factor > 0)) {
      throw new IllegalArgumentException("the rope factor must be above 0, not " + factor);
    }
  }
}
