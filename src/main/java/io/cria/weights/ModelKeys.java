package io.cria.weights;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * The keys of a config.json that may be missing or stand in several places, read as the model's
 * class in transformers (version 5) reads them. Null is read as a missing key.
 */
public final class ModelKeys {
  private static final String HEAD_DIMENSION = "head_dim";
  private static final String KEY_VALUE_HEADS = "num_key_value_heads";
  private static final String PARTIAL = "partial_rotary_factor";

  private final JsonNode config;
  private final Defaults defaults;

  /**
   * What one class has where a key is missing; 0 where that follows from the other keys.
   *
   * @param keyValueHeads 0: as many as there are heads
   * @param headDimension 0: the hidden size divided by the heads
   */
  private record Defaults(
      int keyValueHeads, int headDimension, double normEpsilon, boolean tied, double theta) {
    static Defaults of(String modelType) {
      return switch (modelType) {
        case "mistral" -> new Defaults(8, 0, 1e-6, false, 10_000);
        case "qwen2" -> new Defaults(32, 0, 1e-6, false, 10_000);
        case "qwen3" -> new Defaults(32, 128, 1e-6, false, 10_000);
        case "smollm3" -> new Defaults(4, 0, 1e-6, true, 2_000_000);
        case "phi3" -> new Defaults(0, 0, 1e-5, false, 10_000);
        default -> new Defaults(0, 0, 1e-6, false, 10_000);
      };
    }
  }

  /**
   * @param config the whole config.json
   * @param modelType the class it is of, as {@code model_type} names it; an unknown one has Llama's
   *     defaults
   */
  public ModelKeys(JsonNode config, String modelType) {
    this.config = config;
    this.defaults = Defaults.of(modelType);
  }

  /**
   * The object that describes the rotary positions: {@code rope_scaling}, the older name, where it
   * says anything, else {@code rope_parameters}. Of the other nothing counts.
   */
  public JsonNode rotary() {
    JsonNode scaling = config.path("rope_scaling");
    return scaling.isObject() && !scaling.isEmpty() ? scaling : config.path("rope_parameters");
  }

  /** The rule by which rotary frequencies are stretched; {@code default} is none. */
  public String rotaryType() {
    JsonNode rotary = rotary();
    return rotary.path(rotary.has("rope_type") ? "rope_type" : "type").asText("default");
  }

  /** The base of the rotary frequencies. */
  public double theta() {
    return rotaryNumber("rope_theta", defaults.theta());
  }

  /** The share of each head's values that positions turn. */
  public double partialRotaryFactor() {
    return rotaryNumber(PARTIAL, 1);
  }

  private double rotaryNumber(String key, double otherwise) {
    return rotary().path(key).asDouble(config.path(key).asDouble(otherwise));
  }

  /** The number of heads for keys and values. */
  public int keyValueHeads(int heads) {
    boolean inferred = config.has(KEY_VALUE_HEADS) || defaults.keyValueHeads() == 0;
    return config.path(KEY_VALUE_HEADS).asInt(inferred ? heads : defaults.keyValueHeads());
  }

  /** The values of one head. */
  public int headDimension(int hiddenSize, int heads) {
    int inferred = hiddenSize / Math.max(1, heads);
    return config
        .path(HEAD_DIMENSION)
        .asInt(defaults.headDimension() == 0 ? inferred : defaults.headDimension());
  }

  /** What is added to the mean square in the norms. */
  public double normEpsilon() {
    return config.path("rms_norm_eps").asDouble(defaults.normEpsilon());
  }

  /** Whether the head is the embedding. */
  public boolean tiedEmbeddings() {
    return config.path("tie_word_embeddings").asBoolean(defaults.tied());
  }
}
