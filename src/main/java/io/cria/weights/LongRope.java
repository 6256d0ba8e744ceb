package io.cria.weights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.task.CriaException;
import java.util.ArrayList;
import java.util.List;

/**
 * LongRoPE's two lists of divisors of the rotary frequencies, in config.json ({@code short_factor},
 * {@code long_factor}) and as GGUF's tensors {@code rope_factors_short.weight} and {@code
 * rope_factors_long.weight}, with the factor by which cosines and sines are multiplied.
 */
record LongRope(
    List<Double> shortFactors,
    List<Double> longFactors,
    long originalLength,
    double attentionFactor) {
  static final String SHORT_TENSOR = "rope_factors_short.weight";
  static final String LONG_TENSOR = "rope_factors_long.weight";
  static final String ORIGINAL_LENGTH = "original_max_position_embeddings";

  LongRope {
    shortFactors = List.copyOf(shortFactors);
    longFactors = List.copyOf(longFactors);
  }

  /**
   * From a config.json with such a scaling.
   *
   * @throws CriaException (bad input) when a list has not {@code count} numbers
   */
  static LongRope ofConfig(JsonNode config, ModelKeys keys, int count, String where) {
    JsonNode scaling = keys.rotary();
    long original = originalLength(config, keys);
    double usual =
        attentionFactor(config.path("max_position_embeddings").asLong(), original, scaling);
    return new LongRope(
        factors(scaling.path("short_factor"), "short_factor", count, where),
        factors(scaling.path("long_factor"), "long_factor", count, where),
        original,
        scaling.path("attention_factor").asDouble(usual));
  }

  /** The model's own key is the one that counts; 4096 is the default of the class. */
  static long originalLength(JsonNode config, ModelKeys keys) {
    return config.path(ORIGINAL_LENGTH).asLong(keys.rotary().path(ORIGINAL_LENGTH).asLong(4096));
  }

  private static double attentionFactor(long length, long original, JsonNode scaling) {
    double factor = scaling.path("factor").asDouble((double) length / original);
    return factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log((double) original));
  }

  private static List<Double> factors(JsonNode list, String key, int count, String where) {
    if (list.size() != count) {
      throw CriaException.badInput(
          where
              + " has "
              + list.size()
              + " numbers in "
              + key
              + ", not "
              + count
              + ": give the model's own config.json");
    }
    List<Double> factors = new ArrayList<>();
    list.forEach(item -> factors.add(item.asDouble()));
    return factors;
  }

  /** As a tensor of one dimension. */
  static TensorContent tensor(String name, List<Double> factors) {
    float[] values = new float[factors.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = factors.get(i).floatValue();
    }
    return TensorContent.floats(name, new long[] {values.length}, values);
  }

  /** By their shortest decimal forms, which are those that they were written with. */
  static List<Double> factors(StoredTensor tensor) {
    List<Double> factors = new ArrayList<>();
    for (float factor : tensor.floats()) {
      factors.add(Double.parseDouble(Float.toString(factor)));
    }
    return factors;
  }

  /** Writes the older wording, which every version of transformers reads. */
  void putInto(ObjectNode config) {
    ObjectNode node = config.putObject("rope_scaling").put("type", "longrope");
    shortFactors.forEach(node.putArray("short_factor")::add);
    longFactors.forEach(node.putArray("long_factor")::add);
    double usual =
        attentionFactor(config.path("max_position_embeddings").asLong(), originalLength, node);
    // GGUF holds it in single precision
    if (Math.abs(attentionFactor - usual) > 1e-6 * usual) {
      node.put("attention_factor", attentionFactor);
    }
  }
}
