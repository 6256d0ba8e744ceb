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
import java.util.List;

/**
 * config.json of transformers in both wordings: version 4 has {@code rope_theta} and {@code
 * rope_scaling}, version 5 has both in {@code rope_parameters}. What is written holds both, so that
 * either reads it.
 */
public final class ModelConfigJson {
  public static final String FILE = "config.json";

  private static final ObjectMapper JSON = new ObjectMapper();

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
      return new ModelConfigReader(root, where).config();
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
    writeFamily(root, config);
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

  /** What only some classes have, under the names that they have for it. */
  private static void writeFamily(ObjectNode root, ModelConfig config) {
    Architecture architecture = config.architecture();
    switch (architecture) {
      case LLAMA, SMOLLM3 -> {
        root.put("attention_bias", config.queryKeyValueBias());
        root.put("mlp_bias", config.feedForwardBias());
      }
      case QWEN3 -> root.put("attention_bias", config.queryKeyValueBias());
      case MISTRAL, QWEN2, PHI3 -> {}
    }
    if (architecture != Architecture.LLAMA) {
      root.put("sliding_window", config.slidingWindow());
    }
    switch (architecture) {
      case QWEN2, QWEN3 -> {
        root.put("use_sliding_window", config.slidingWindow() != null);
        root.put("max_window_layers", 0);
      }
      case SMOLLM3 -> {
        root.put("use_sliding_window", false);
        ArrayNode turned = root.putArray("no_rope_layers");
        for (int i = 0; i < config.layers(); i++) {
          turned.add(config.rotary().unturnedLayers().contains(i) ? 0 : 1);
        }
      }
      case LLAMA, MISTRAL, PHI3 -> {}
    }
  }

  private static void writeRope(ObjectNode root, ModelConfig config) {
    RopeScaling scaling = config.rotary().scaling();
    ObjectNode parameters = root.putObject("rope_parameters");
    for (ObjectNode node : List.of(parameters, root)) {
      node.put("rope_theta", config.rotary().theta());
      if (config.architecture() == Architecture.PHI3) {
        // transformers takes the whole part of the product with the head's size
        node.put(
            "partial_rotary_factor", (double) config.rotary().dimension() / config.headDimension());
      }
    }
    putScaling(parameters, scaling);
    if (scaling.kind() == RopeScaling.Kind.DEFAULT) {
      root.putNull("rope_scaling");
    } else {
      putScaling(root.putObject("rope_scaling"), scaling);
    }
    if (scaling.kind() == RopeScaling.Kind.LONGROPE) {
      root.put("max_position_embeddings", scaling.extendedLength());
      root.put("original_max_position_embeddings", scaling.originalLength());
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
      case LONGROPE -> putLongRope(node, scaling);
    }
  }

  /** {@code type} is the older name of {@code rope_type}; the usual factors are not written. */
  private static void putLongRope(ObjectNode node, RopeScaling scaling) {
    int original = scaling.originalLength();
    node.put("rope_type", "longrope").put("type", "longrope");
    scaling.shortFactors().forEach(node.putArray("short_factor")::add);
    scaling.longFactors().forEach(node.putArray("long_factor")::add);
    node.put("original_max_position_embeddings", original);
    if (scaling.factor() != RopeScaling.lengthRatio(original, scaling.extendedLength())) {
      node.put("factor", scaling.factor());
    }
    if (scaling.attentionFactor()
        != RopeScaling.defaultAttentionFactor(scaling.factor(), original)) {
      node.put("attention_factor", scaling.attentionFactor());
    }
  }
}
