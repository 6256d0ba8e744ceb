package io.cria.sft.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.task.CriaException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * config.json of transformers in both wordings: version 4 has {@code rope_theta} and {@code
 * rope_scaling}, version 5 has both in {@code rope_parameters}. What is written holds both, so that
 * either reads it.
 */
public final class ModelConfigJson {
  public static final String FILE = "config.json";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final double DEFAULT_THETA = 10_000;

  private ModelConfigJson() {}

  /**
   * Reads the config.json of a model directory.
   *
   * @throws CriaException when it is missing, no JSON, of an unsupported architecture (named, with
   *     those supported), or holds a value that the decoder does not compute
   */
  public static ModelConfig read(Path directory) {
    Path file = directory.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      throw CriaException.badInput(
          "there is no " + FILE + " in " + directory + ": give a model's directory");
    }
    try {
      return parse(Files.readString(file), file.toString());
    } catch (IOException e) {
      throw CriaException.badInput(
          "cannot read " + file + " (" + e.getMessage() + "): check the file");
    }
  }

  /**
   * Reads the text of a config.json.
   *
   * @param where how errors name it
   */
  public static ModelConfig parse(String json, String where) {
    JsonNode root;
    try {
      root = JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw CriaException.badInput(
          where + " is not valid JSON (" + e.getOriginalMessage() + "): check the file");
    }
    try {
      return new Reader(root, where).config();
    } catch (IllegalArgumentException e) {
      throw CriaException.badInput(e.getMessage() + " (" + where + "): check the file");
    }
  }

  /** The text of a config.json for weights of that type, such as {@code float32}. */
  public static String write(ModelConfig config, String weightsType) {
    ObjectNode root = JSON.createObjectNode();
    root.putArray("architectures").add(config.architecture().className());
    root.put("model_type", config.architecture().modelType());
    root.put("vocab_size", config.vocabularySize());
    root.put("hidden_size", config.hiddenSize());
    root.put("intermediate_size", config.intermediateSize());
    root.put("num_hidden_layers", config.layers());
    root.put("num_attention_heads", config.heads());
    root.put("num_key_value_heads", config.keyValueHeads());
    root.put("head_dim", config.headDimension());
    root.put("hidden_act", "silu");
    root.put("max_position_embeddings", config.contextLength());
    root.put("rms_norm_eps", config.normEpsilon());
    root.put("tie_word_embeddings", config.tiedEmbeddings());
    if (config.architecture() == Architecture.LLAMA) {
      root.put("attention_bias", config.queryKeyValueBias());
      root.put("mlp_bias", config.feedForwardBias());
    } else {
      root.put("sliding_window", config.slidingWindow());
    }
    if (config.architecture() == Architecture.QWEN2) {
      root.put("use_sliding_window", config.slidingWindow() != null);
      root.put("max_window_layers", 0);
    }
    root.put("attention_dropout", 0.0);
    root.put("initializer_range", 0.02);
    root.put("use_cache", true);
    writeRope(root, config);
    root.put("bos_token_id", config.beginToken());
    if (config.endTokens().size() == 1) {
      root.put("eos_token_id", config.endTokens().get(0));
    } else if (!config.endTokens().isEmpty()) {
      ArrayNode ends = root.putArray("eos_token_id");
      config.endTokens().forEach(ends::add);
    }
    root.put("pad_token_id", config.padToken());
    root.put("dtype", weightsType);
    root.put("torch_dtype", weightsType);
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of plain values is always JSON", e);
    }
  }

  private static void writeRope(ObjectNode root, ModelConfig config) {
    RopeScaling scaling = config.ropeScaling();
    ObjectNode parameters = root.putObject("rope_parameters");
    parameters.put("rope_theta", config.ropeTheta());
    putScaling(parameters, scaling);
    root.put("rope_theta", config.ropeTheta());
    if (scaling.kind() == RopeScaling.Kind.DEFAULT) {
      root.putNull("rope_scaling");
    } else {
      putScaling(root.putObject("rope_scaling"), scaling);
    }
  }

  private static void putScaling(ObjectNode node, RopeScaling scaling) {
    switch (scaling.kind()) {
      case DEFAULT -> node.put("rope_type", "default");
      case LINEAR -> node.put("rope_type", "linear").put("factor", scaling.factor());
      case LLAMA3 ->
          node.put("rope_type", "llama3")
              .put("factor", scaling.factor())
              .put("low_freq_factor", scaling.lowFrequencyFactor())
              .put("high_freq_factor", scaling.highFrequencyFactor())
              .put("original_max_position_embeddings", scaling.originalLength());
    }
  }

  /** One config.json being read. */
  private record Reader(JsonNode root, String where) {
    ModelConfig config() {
      Architecture architecture =
          Architecture.named(root.path("architectures").path(0).asText("none"), where);
      String activation = root.path("hidden_act").asText("silu");
      if (!activation.equals("silu")) {
        throw new IllegalArgumentException(
            "hidden_act '" + activation + "' is not supported, only silu");
      }
      requireWholeRotary();
      Integer slidingWindow = slidingWindow(architecture);
      requireAlikeLayers(slidingWindow);
      int heads = integer(root, "num_attention_heads");
      int hidden = integer(root, "hidden_size");
      boolean attentionBias = root.path("attention_bias").asBoolean(false);
      boolean qwen = architecture == Architecture.QWEN2;
      return new ModelConfig(
          architecture,
          integer(root, "vocab_size"),
          hidden,
          integer(root, "intermediate_size"),
          integer(root, "num_hidden_layers"),
          heads,
          optional("num_key_value_heads", heads),
          optional("head_dim", hidden / Math.max(1, heads)),
          integer(root, "max_position_embeddings"),
          root.path("rms_norm_eps").asDouble(1e-6),
          theta(),
          scaling(),
          root.path("tie_word_embeddings").asBoolean(false),
          qwen || attentionBias,
          !qwen && attentionBias,
          root.path("mlp_bias").asBoolean(false),
          slidingWindow,
          nullable("bos_token_id"),
          tokens("eos_token_id"),
          nullable("pad_token_id"));
    }

    private void requireWholeRotary() {
      for (JsonNode node : List.of(root, root.path("rope_parameters"), root.path("rope_scaling"))) {
        double part = node.path("partial_rotary_factor").asDouble(1);
        if (part != 1) {
          throw new IllegalArgumentException(
              "partial_rotary_factor " + part + " is not supported, only 1");
        }
      }
    }

    /** transformers lets layer_types say for each layer whether it has the window. */
    private void requireAlikeLayers(@Nullable Integer slidingWindow) {
      String expected = slidingWindow == null ? "full_attention" : "sliding_attention";
      for (JsonNode layer : root.path("layer_types")) {
        if (!layer.asText().equals(expected)) {
          throw new IllegalArgumentException(
              "layer_types has '"
                  + layer.asText()
                  + "', only "
                  + expected
                  + " in every layer is supported with sliding_window "
                  + slidingWindow);
        }
      }
    }

    private double theta() {
      JsonNode inParameters = root.path("rope_parameters").path("rope_theta");
      return inParameters.isNumber()
          ? inParameters.asDouble()
          : root.path("rope_theta").asDouble(DEFAULT_THETA);
    }

    private RopeScaling scaling() {
      JsonNode node = root.path("rope_parameters");
      if (!node.isObject()) {
        node = root.path("rope_scaling");
      }
      if (!node.isObject()) {
        return RopeScaling.NONE;
      }
      String kind =
          node.has("rope_type")
              ? node.path("rope_type").asText()
              : node.path("type").asText("default");
      return switch (kind) {
        case "default" -> RopeScaling.NONE;
        case "linear" -> RopeScaling.linear(number(node, "factor"));
        case "llama3" ->
            new RopeScaling(
                RopeScaling.Kind.LLAMA3,
                number(node, "factor"),
                number(node, "low_freq_factor"),
                number(node, "high_freq_factor"),
                integer(node, "original_max_position_embeddings"));
        default ->
            throw new IllegalArgumentException(
                "rope scaling '" + kind + "' is not supported, only default, linear and llama3");
      };
    }

    private @Nullable Integer slidingWindow(Architecture architecture) {
      Integer window = nullable("sliding_window");
      if (architecture == Architecture.LLAMA || window == null) {
        return null;
      }
      if (architecture == Architecture.QWEN2) {
        if (!root.path("use_sliding_window").asBoolean(false)) {
          return null;
        }
        if (root.path("max_window_layers").asInt(0) != 0) {
          throw new IllegalArgumentException(
              "a sliding window in some layers only (max_window_layers) is not supported");
        }
      }
      return window;
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
}
