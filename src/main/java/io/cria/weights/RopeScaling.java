package io.cria.weights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.task.CriaException;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How a model's rotary frequencies are stretched, in both wordings of config.json ({@code
 * rope_theta} with {@code rope_scaling}, or {@code rope_parameters} in one) and as GGUF's tensor
 * {@code rope_freqs.weight}, one divisor a frequency. Llama 3's rule: frequencies of a wavelength
 * above original/low are divided by the factor, those below original/high are kept, those between
 * are blended.
 */
record RopeScaling(
    double theta, String type, double factor, double low, double high, long originalLength) {
  static final String NONE = "default";
  static final String LINEAR = "linear";
  static final String LLAMA3 = "llama3";

  /** Its numbers are {@link LongRope}'s. */
  static final String LONGROPE = "longrope";

  /**
   * From config.json; {@code where} names the file in the error.
   *
   * @throws CriaException (bad input) when it is none of the {@code supported} rules
   */
  static RopeScaling ofConfig(ModelKeys keys, Set<String> supported, String where) {
    JsonNode scaling = keys.rotary();
    String type = keys.rotaryType();
    if (supported.contains(LONGROPE) && (type.equals("su") || type.equals("yarn"))) {
      type = LONGROPE; // its names in older files
    }
    if (!supported.contains(type)) {
      throw CriaException.badInput(
          where
              + " asks for rotary scaling '"
              + type
              + "', which is not computed for this model: "
              + supported.stream().sorted().collect(Collectors.joining(", "))
              + " are supported");
    }
    boolean llama3 = type.equals(LLAMA3);
    return new RopeScaling(
        keys.theta(),
        type,
        llama3 || type.equals(LINEAR) ? number(scaling, "factor", where) : 1,
        llama3 ? number(scaling, "low_freq_factor", where) : 1,
        llama3 ? number(scaling, "high_freq_factor", where) : 4,
        llama3 ? (long) number(scaling, LongRope.ORIGINAL_LENGTH, where) : 0);
  }

  private static double number(JsonNode scaling, String key, String where) {
    if (!(scaling.path(key).asDouble(0) > 0)) {
      throw CriaException.badInput(
          where
              + " has no positive number "
              + key
              + " in its rotary scaling: give the model's own config.json");
    }
    return scaling.path(key).asDouble();
  }

  /** Writes the older wording, which every version of transformers reads. */
  void putInto(ObjectNode config) {
    config.put("rope_theta", theta);
    if (type.equals(NONE)) {
      config.putNull("rope_scaling");
      return;
    }
    ObjectNode node = config.putObject("rope_scaling").put("rope_type", type).put("factor", factor);
    if (type.equals(LLAMA3)) {
      node.put("low_freq_factor", low)
          .put("high_freq_factor", high)
          .put("original_max_position_embeddings", originalLength);
    }
  }

  /** The divisors of Llama 3's rule, one for each of the {@code headDimension / 2} frequencies. */
  float[] divisors(int headDimension) {
    float[] divisors = new float[headDimension / 2];
    for (int i = 0; i < divisors.length; i++) {
      double frequency = Math.pow(theta, -2.0 * i / headDimension);
      double wavelength = 2 * Math.PI / frequency;
      if (wavelength < originalLength / high) {
        divisors[i] = 1;
      } else if (wavelength > originalLength / low) {
        divisors[i] = (float) factor;
      } else {
        double smooth = (originalLength / wavelength - low) / (high - low);
        divisors[i] = (float) (1 / ((1 - smooth) / factor + smooth));
      }
    }
    return divisors;
  }

  /**
   * Finds the rule behind a file's divisors. They do not tell the original length apart from the
   * two bounds, so the bounds are taken as Llama's own, 1 and 4, and the length as a power of two.
   *
   * @return empty when no such rule gives these divisors
   */
  static Optional<RopeScaling> ofDivisors(double theta, float[] divisors) {
    double factor = 1;
    for (float divisor : divisors) {
      factor = Math.max(factor, divisor);
    }
    for (long original = 16; original <= 1 << 20; original *= 2) {
      RopeScaling candidate = new RopeScaling(theta, LLAMA3, factor, 1, 4, original);
      if (close(candidate.divisors(2 * divisors.length), divisors)) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  private static boolean close(float[] left, float[] right) {
    for (int i = 0; i < left.length; i++) {
      if (!(Math.abs(left[i] - right[i]) <= 1e-5 * right[i])) {
        return false;
      }
    }
    return true;
  }
}
