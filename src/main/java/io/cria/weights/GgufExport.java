package io.cria.weights;

import com.fasterxml.jackson.databind.JsonNode;
import io.cria.task.CriaException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a Hugging Face llama-like model as a GGUF file that llama.cpp runs: its names, query and
 * key rows interleaved for the {@code llama} architecture, Llama 3's rotary scaling as the tensor
 * {@code rope_freqs.weight}.
 */
public final class GgufExport {
  private static final Map<TensorType, Integer> FILE_TYPES =
      Map.of(
          TensorType.F32,
          0,
          TensorType.F16,
          1,
          TensorType.Q4_0,
          2,
          TensorType.Q4_1,
          3,
          TensorType.Q8_0,
          7);

  private final JsonNode config;
  private final String architecture;
  private final Weights weights;
  private final TensorType type;

  private GgufExport(JsonNode config, String architecture, Weights weights, TensorType type) {
    this.config = config;
    this.architecture = architecture;
    this.weights = weights;
    this.type = type;
  }

  /**
   * @param path the file to write, whole or not at all
   * @param name the model's name, for people
   * @param config the model's config.json in either wording
   * @param weights its parameters under Hugging Face's names
   * @param type of the matrices: F32, F16, Q8_0, Q4_0 or Q4_1; vectors stay F32, and a matrix whose
   *     rows are no whole blocks becomes F16
   * @param vocabulary the {@code tokenizer.*} pairs; empty leaves the file without a tokenizer
   * @throws CriaException (bad input) for an unsupported architecture, scaling, parameter or type
   */
  public static void write(
      Path path,
      String name,
      JsonNode config,
      Weights weights,
      TensorType type,
      Map<String, ?> vocabulary) {
    if (!FILE_TYPES.containsKey(type)) {
      throw CriaException.badInput(
          "GGUF cannot be exported as " + type + ": choose one of F32, F16, Q8_0, Q4_1, Q4_0");
    }
    GgufExport export = new GgufExport(config, architecture(config), weights, type);
    Map<String, Object> metadata = export.metadata(name);
    metadata.putAll(vocabulary);
    GgufWriter.write(path, metadata, export.tensors());
  }

  private static String architecture(JsonNode config) {
    String type = config.path("model_type").asText();
    return switch (type) {
      case "llama", "mistral" -> "llama";
      case "qwen2" -> "qwen2";
      default ->
          throw CriaException.badInput(
              "config.json: model_type '"
                  + type
                  + "' cannot be exported: llama, mistral and qwen2 are supported");
    };
  }

  private Map<String, Object> metadata(String name) {
    RopeScaling rope = RopeScaling.ofConfig(config, "config.json");
    Map<String, Object> pairs = new LinkedHashMap<>();
    pairs.put("general.architecture", architecture);
    pairs.put("general.type", "model");
    pairs.put("general.name", name);
    pairs.put("general.file_type", FILE_TYPES.get(type));
    pairs.put("general.quantization_version", 2);
    put(pairs, "context_length", integer("max_position_embeddings"));
    put(pairs, "embedding_length", integer("hidden_size"));
    put(pairs, "block_count", integer("num_hidden_layers"));
    put(pairs, "feed_forward_length", integer("intermediate_size"));
    put(pairs, "attention.head_count", heads());
    put(pairs, "attention.head_count_kv", keyValueHeads());
    put(pairs, "attention.key_length", headDimension());
    put(pairs, "attention.value_length", headDimension());
    put(
        pairs,
        "attention.layer_norm_rms_epsilon",
        (float) config.path("rms_norm_eps").asDouble(1e-6));
    put(pairs, "rope.freq_base", (float) rope.theta());
    put(pairs, "rope.dimension_count", headDimension());
    if (rope.type().equals(RopeScaling.LINEAR)) {
      put(pairs, "rope.scaling.type", "linear");
      put(pairs, "rope.scaling.factor", (float) rope.factor());
    }
    put(pairs, "vocab_size", integer("vocab_size"));
    return pairs;
  }

  private void put(Map<String, Object> pairs, String key, Object value) {
    pairs.put(architecture + "." + key, value);
  }

  private List<TensorContent> tensors() {
    List<TensorContent> tensors = new ArrayList<>();
    RopeScaling rope = RopeScaling.ofConfig(config, "config.json");
    if (rope.type().equals(RopeScaling.LLAMA3)) {
      float[] divisors = rope.divisors(headDimension());
      tensors.add(
          TensorContent.floats("rope_freqs.weight", new long[] {divisors.length}, divisors));
    }
    boolean tied = config.path("tie_word_embeddings").asBoolean(false);
    for (String name : weights.names()) {
      if (!(tied && name.equals("lm_head.weight"))) {
        tensors.add(content(weights.tensor(name)));
      }
    }
    return tensors;
  }

  private TensorContent content(StoredTensor tensor) {
    String name =
        LlamaLayout.toGguf(tensor.name())
            .orElseThrow(
                () ->
                    CriaException.badInput(
                        "parameter "
                            + tensor.name()
                            + " has no place in a "
                            + architecture
                            + " GGUF: export a plain model"));
    long[] shape = tensor.shape();
    TensorType stored = storedType(shape);
    return new TensorContent(name, stored, shape, () -> List.of(bytes(tensor, name, stored)));
  }

  private TensorType storedType(long[] shape) {
    if (shape.length < 2) {
      return TensorType.F32;
    }
    return shape[shape.length - 1] % type.blockElements() == 0 ? type : TensorType.F16;
  }

  private ByteBuffer bytes(StoredTensor tensor, String ggufName, TensorType stored) {
    float[] values = tensor.floats();
    if (architecture.equals("llama") && LlamaLayout.isPermuted(ggufName)) {
      int heads = LlamaLayout.isQuery(ggufName) ? heads() : keyValueHeads();
      values =
          LlamaLayout.reorder(values, LlamaLayout.rowOrder((int) tensor.shape()[0], heads, true));
    }
    return Blocks.encode(stored, values);
  }

  private int heads() {
    return integer("num_attention_heads");
  }

  private int keyValueHeads() {
    return config.path("num_key_value_heads").asInt(heads());
  }

  private int headDimension() {
    return config.path("head_dim").asInt(integer("hidden_size") / heads());
  }

  private int integer(String key) {
    JsonNode value = config.path(key);
    if (!value.canConvertToInt() || value.asInt() <= 0) {
      throw CriaException.badInput(
          "config.json has no positive number " + key + ": give the model's own config.json");
    }
    return value.asInt();
  }
}
