package io.cria.sft.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.cria.weights.ModelKeys;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One config.json being read. Where a key is missing, the default is that of the model's class in
 * transformers; what has no default here is refused.
 */
final class ModelConfigReader {
  private static final String LONGROPE = "longrope";

  private final JsonNode root;
  private final Architecture architecture;
  private final ModelKeys keys;

  ModelConfigReader(JsonNode root, String where) {
    this.root = root;
    this.architecture =
        Architecture.named(root.path("architectures").path(0).asText("none"), where);
    this.keys = new ModelKeys(root, architecture.modelType());
  }

  ModelConfig config() {
    String activation = root.path("hidden_act").asText("silu");
    if (!activation.equals("silu")) {
      throw new IllegalArgumentException(
          "hidden_act '" + activation + "' is not supported, only silu");
    }
    int layers = integer(root, "num_hidden_layers");
    int heads = integer(root, "num_attention_heads");
    int hidden = integer(root, "hidden_size");
    int headDimension = optional("head_dim", keys.headDimension(hidden, heads));
    RotaryConfig rotary = rotary(layers, headDimension);
    boolean attentionBias = root.path("attention_bias").asBoolean(false);
    return new ModelConfig(
        architecture,
        integer(root, "vocab_size"),
        hidden,
        integer(root, "intermediate_size"),
        layers,
        heads,
        optional("num_key_value_heads", keys.keyValueHeads(heads)),
        headDimension,
        contextLength(rotary.scaling()),
        keys.normEpsilon(),
        rotary,
        keys.tiedEmbeddings(),
        architecture == Architecture.QWEN3,
        architecture == Architecture.PHI3,
        switch (architecture) {
          case LLAMA, QWEN3, SMOLLM3 -> attentionBias;
          case QWEN2 -> true;
          case MISTRAL, PHI3 -> false;
        },
        switch (architecture) {
          case LLAMA, QWEN3, SMOLLM3 -> attentionBias;
          case QWEN2, MISTRAL, PHI3 -> false;
        },
        switch (architecture) {
          case LLAMA, SMOLLM3 -> root.path("mlp_bias").asBoolean(false);
          case QWEN2, QWEN3, MISTRAL, PHI3 -> false;
        },
        slidingWindow(layers),
        nullable("bos_token_id"),
        tokens("eos_token_id"),
        nullable("pad_token_id"));
  }

  /** LongRoPE is computed up to the original length ({@link RopeScaling}). */
  private int contextLength(RopeScaling scaling) {
    int length = integer(root, "max_position_embeddings");
    return scaling.kind() == RopeScaling.Kind.LONGROPE
        ? Math.min(length, scaling.originalLength())
        : length;
  }

  private RotaryConfig rotary(int layers, int headDimension) {
    double part = keys.partialRotaryFactor();
    if (part != 1 && architecture != Architecture.PHI3) {
      throw new IllegalArgumentException(
          "partial_rotary_factor " + part + " is not supported, only 1");
    }
    return new RotaryConfig(
        (int) (headDimension * part),
        keys.theta(),
        scaling(),
        architecture == Architecture.SMOLLM3 ? unturnedLayers(layers) : Set.of());
  }

  /** no_rope_layers has 1 for a layer that turns and 0 for one that does not. */
  private Set<Integer> unturnedLayers(int layers) {
    JsonNode list = root.path("no_rope_layers");
    Set<Integer> unturned = new HashSet<>();
    if (list.isArray()) {
      if (list.size() < layers) {
        throw new IllegalArgumentException(
            "no_rope_layers has " + list.size() + " numbers for " + layers + " layers");
      }
      for (int i = 0; i < layers; i++) {
        if (list.path(i).asInt() == 0) {
          unturned.add(i);
        }
      }
      return unturned;
    }
    int interval = optional("no_rope_layer_interval", 4);
    if (interval < 1) {
      throw new IllegalArgumentException(
          "no_rope_layer_interval must be at least 1, not " + interval);
    }
    for (int i = interval - 1; i < layers; i += interval) {
      unturned.add(i);
    }
    return unturned;
  }

  private RopeScaling scaling() {
    JsonNode node = keys.rotary();
    String kind = keys.rotaryType();
    if (architecture == Architecture.PHI3) {
      return phi3Scaling(kind, node);
    }
    return switch (kind) {
      case "default" -> RopeScaling.NONE;
      case "linear" -> RopeScaling.linear(number(node, "factor"));
      case "llama3" ->
          RopeScaling.llama3(
              number(node, "factor"),
              number(node, "low_freq_factor"),
              number(node, "high_freq_factor"),
              integer(node, "original_max_position_embeddings"));
      default ->
          throw new IllegalArgumentException(
              "rope scaling '" + kind + "' is not supported, only default, linear and llama3");
    };
  }

  /** Older files say {@code su} or {@code yarn} and mean the same. */
  private RopeScaling phi3Scaling(String kind, JsonNode node) {
    return switch (kind) {
      case "default" -> RopeScaling.NONE;
      case LONGROPE, "su", "yarn" -> {
        int original = originalLength(node);
        int extended = integer(root, "max_position_embeddings");
        double factor = node.path("factor").asDouble(RopeScaling.lengthRatio(original, extended));
        yield RopeScaling.longRope(
            numbers(node, "short_factor"),
            numbers(node, "long_factor"),
            original,
            extended,
            factor,
            node.path("attention_factor")
                .asDouble(RopeScaling.defaultAttentionFactor(factor, original)));
      }
      default ->
          throw new IllegalArgumentException(
              "rope scaling '" + kind + "' is not supported, only default and longrope");
    };
  }

  /** The key of the model itself is the one that counts. */
  private int originalLength(JsonNode scaling) {
    String key = "original_max_position_embeddings";
    return optional(key, scaling.has(key) ? integer(scaling, key) : 4096);
  }

  /**
   * The window of every layer, or null where none has one. transformers lets layer_types say it for
   * each layer, and max_window_layers from which layer on.
   */
  private @Nullable Integer slidingWindow(int layers) {
    Integer window =
        switch (architecture) {
          case LLAMA -> null;
          case MISTRAL -> root.has("sliding_window") ? nullable("sliding_window") : (Integer) 4096;
          case PHI3 -> nullable("sliding_window");
          case QWEN2, QWEN3, SMOLLM3 ->
              root.path("use_sliding_window").asBoolean(false) ? nullable("sliding_window") : null;
        };
    JsonNode types = root.path("layer_types");
    if (window != null && architecture == Architecture.SMOLLM3) {
      throw new IllegalArgumentException(
          "use_sliding_window true, a window in some layers only, is not supported");
    }
    boolean qwen = architecture == Architecture.QWEN2 || architecture == Architecture.QWEN3;
    if (window != null && qwen && !types.isArray()) {
      int without = root.path("max_window_layers").asInt(28);
      if (without > 0 && without < layers) {
        throw new IllegalArgumentException(
            "a sliding window in some layers only (max_window_layers) is not supported");
      }
      return without > 0 ? null : window;
    }
    if (window != null && qwen && isAlike(types, "full_attention")) {
      return null;
    }
    requireAlike(types, window);
    return window;
  }

  private static boolean isAlike(JsonNode types, String type) {
    for (JsonNode layer : types) {
      if (!layer.asText().equals(type)) {
        return false;
      }
    }
    return true;
  }

  private static void requireAlike(JsonNode types, @Nullable Integer window) {
    String expected = window == null ? "full_attention" : "sliding_attention";
    for (JsonNode layer : types) {
      if (!layer.asText().equals(expected)) {
        throw new IllegalArgumentException(
            "layer_types has '"
                + layer.asText()
                + "', only "
                + expected
                + " in every layer is supported with sliding_window "
                + window);
      }
    }
  }

  private int integer(JsonNode node, String key) {
    if (!node.path(key).canConvertToInt() || !node.path(key).isIntegralNumber()) {
      throw new IllegalArgumentException(key + " is missing or no integer");
    }
    return node.path(key).asInt();
  }

  private double number(JsonNode node, String key) {
    if (!node.path(key).isNumber()) {
      throw new IllegalArgumentException(key + " of the rope scaling is missing or no number");
    }
    return node.path(key).asDouble();
  }

  private List<Double> numbers(JsonNode node, String key) {
    List<Double> numbers = new ArrayList<>();
    for (JsonNode item : node.path(key)) {
      if (!item.isNumber()) {
        throw new IllegalArgumentException(key + " holds " + item + ", which is no number");
      }
      numbers.add(item.asDouble());
    }
    return numbers;
  }

  private int optional(String key, int otherwise) {
    return root.path(key).isNull() || root.path(key).isMissingNode()
        ? otherwise
        : integer(root, key);
  }

  private @Nullable Integer nullable(String key) {
    JsonNode node = root.path(key);
    return node.isIntegralNumber() ? (Integer) node.asInt() : null;
  }

  private List<Integer> tokens(String key) {
    JsonNode node = root.path(key);
    List<Integer> tokens = new ArrayList<>();
    if (node.isIntegralNumber()) {
      tokens.add(node.asInt());
    }
    node.forEach(item -> tokens.add(item.asInt()));
    return tokens;
  }
}
