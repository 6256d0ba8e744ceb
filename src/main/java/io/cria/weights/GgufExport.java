package io.cria.weights;

import com.fasterxml.jackson.databind.JsonNode;
import io.cria.task.CriaException;
import io.cria.task.HubLicense;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Writes a Hugging Face llama-like model as a GGUF file that llama.cpp runs: its names, query and
 * key rows in its order ({@link GgufFamily}), Llama 3's rotary scaling as the tensor {@code
 * rope_freqs.weight}, LongRoPE's as {@code rope_factors_short.weight} and {@code
 * rope_factors_long.weight}.
 */
public final class GgufExport {
  private static final String WHERE = "config.json";
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
  private final ModelKeys keys;
  private final GgufFamily family;
  private final RopeScaling rope;
  private final Weights weights;
  private final TensorType type;

  private GgufExport(JsonNode config, GgufFamily family, Weights weights, TensorType type) {
    this.config = config;
    this.keys = new ModelKeys(config, config.path("model_type").asText());
    this.family = family;
    this.rope = RopeScaling.ofConfig(keys, family.ropeTypes(), WHERE);
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
    write(path, new About(name, null, null), config, weights, type, vocabulary);
  }

  /** As the other, with more told of the model. */
  public static void write(
      Path path,
      About about,
      JsonNode config,
      Weights weights,
      TensorType type,
      Map<String, ?> vocabulary) {
    requireTarget(type);
    GgufExport export = new GgufExport(config, family(config), weights, type);
    Map<String, Object> metadata = export.metadata(export.telling(about.name(), vocabulary));
    metadata.putAll(about.pairs());
    metadata.putAll(vocabulary);
    GgufWriter.write(path, metadata, export.tensors());
  }

  /** The types that matrices can be written as, the most exact first. */
  public static List<TensorType> targets() {
    return List.of(
        TensorType.F32, TensorType.F16, TensorType.Q8_0, TensorType.Q4_1, TensorType.Q4_0);
  }

  private static void requireTarget(TensorType type) {
    if (!FILE_TYPES.containsKey(type)) {
      throw CriaException.badInput(
          "GGUF cannot be exported as "
              + type
              + ": choose one of "
              + targets().stream().map(TensorType::name).collect(Collectors.joining(", ")));
    }
  }

  /**
   * What a file tells of its model, for people and hubs.
   *
   * @param name of the model
   * @param license as it was stated, or null
   * @param base name of the model that it was tuned from, with its owner's before a slash where
   *     that is known; or null
   */
  public record About(String name, @Nullable String license, @Nullable String base) {
    /** Beside {@code general.name}. */
    private Map<String, Object> pairs() {
      Map<String, Object> pairs = new LinkedHashMap<>();
      if (license != null) {
        HubLicense.head(license)
            .forEach((key, value) -> pairs.put("general." + key.replace('_', '.'), value));
      }
      if (base != null) {
        int slash = base.indexOf('/');
        pairs.put("general.base_model.count", 1);
        pairs.put("general.base_model.0.name", base.substring(slash + 1));
        if (slash > 0) {
          pairs.put("general.base_model.0.organization", base.substring(0, slash));
        }
      }
      return pairs;
    }
  }

  private static GgufFamily family(JsonNode config) {
    String type = config.path("model_type").asText();
    return GgufFamily.ofModelType(type)
        .orElseThrow(
            () ->
                CriaException.badInput(
                    "config.json: model_type '"
                        + type
                        + "' cannot be exported: "
                        + GgufFamily.supported()
                        + " are supported"));
  }

  /**
   * llama.cpp knows only by the name that Phi-3's control tokens take the white space behind them
   * along, and fails on a file of that name without some of them.
   */
  private String telling(String name, Map<String, ?> vocabulary) {
    boolean phi3Tokens =
        vocabulary.get("tokenizer.ggml.tokens") instanceof List<?> tokens
            && tokens.containsAll(List.of("<unk>", "<s>", "</s>", "<|endoftext|>"));
    if (GgufMetadata.isNamedPhi3(name)) {
      return phi3Tokens ? name : name.replaceAll("(?i)(phi)-?3", "$1 3");
    }
    return family == GgufFamily.PHI3 && phi3Tokens ? name + " (Phi-3)" : name;
  }

  private Map<String, Object> metadata(String name) {
    Map<String, Object> pairs = new LinkedHashMap<>();
    pairs.put("general.architecture", family.architecture());
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
    put(pairs, "attention.layer_norm_rms_epsilon", (float) keys.normEpsilon());
    put(pairs, "rope.freq_base", (float) rope.theta());
    put(pairs, "rope.dimension_count", rotaryDimension());
    if (rope.type().equals(RopeScaling.LINEAR)) {
      put(pairs, "rope.scaling.type", "linear");
      put(pairs, "rope.scaling.factor", (float) rope.factor());
    }
    put(pairs, "vocab_size", integer("vocab_size"));
    switch (family) {
      case SMOLLM3 -> requireUnturnedInterval();
      case PHI3 -> putPhi3(pairs);
      case LLAMA, QWEN2, QWEN3 -> {}
    }
    return pairs;
  }

  private void put(Map<String, Object> pairs, String key, Object value) {
    pairs.put(family.architecture() + "." + key, value);
  }

  /** The keys that llama.cpp's own converter writes; 0 is no window. */
  private void putPhi3(Map<String, Object> pairs) {
    if (heads() * headDimension() != integer("hidden_size")) {
      throw CriaException.badInput(
          "config.json: heads of another size than hidden_size / num_attention_heads cannot be"
              + " exported for phi3: llama.cpp has no place for them");
    }
    put(pairs, "attention.sliding_window", config.path("sliding_window").asInt(0));
    put(pairs, "rope.scaling.original_context_length", (int) LongRope.originalLength(config, keys));
    if (rope.type().equals(RopeScaling.LONGROPE)) {
      put(pairs, "rope.scaling.attn_factor", (float) longRope().attentionFactor());
    }
  }

  private LongRope longRope() {
    return LongRope.ofConfig(config, keys, rotaryDimension() / 2, WHERE);
  }

  /** GGUF has no key for it: llama.cpp turns nothing in every fourth layer. */
  private void requireUnturnedInterval() {
    int interval = GgufFamily.UNTURNED_INTERVAL;
    JsonNode turned = config.path("no_rope_layers");
    boolean fits = turned.isArray() || config.path("no_rope_layer_interval").asInt(4) == interval;
    for (int i = 0; turned.isArray() && i < integer("num_hidden_layers"); i++) {
      fits &= (turned.path(i).asInt() == 0) == ((i + 1) % interval == 0);
    }
    if (!fits) {
      throw CriaException.badInput(
          "config.json: no_rope_layers other than every fourth cannot be exported: llama.cpp knows"
              + " no others");
    }
  }

  private List<TensorContent> tensors() {
    List<TensorContent> tensors = new ArrayList<>();
    if (rope.type().equals(RopeScaling.LLAMA3)) {
      float[] divisors = rope.divisors(headDimension());
      tensors.add(
          TensorContent.floats("rope_freqs.weight", new long[] {divisors.length}, divisors));
    }
    if (rope.type().equals(RopeScaling.LONGROPE)) {
      LongRope factors = longRope();
      tensors.add(LongRope.tensor(LongRope.LONG_TENSOR, factors.longFactors()));
      tensors.add(LongRope.tensor(LongRope.SHORT_TENSOR, factors.shortFactors()));
    }
    boolean tied = keys.tiedEmbeddings();
    for (String name : weights.names()) {
      if (!(tied && name.equals("lm_head.weight"))) {
        tensors.add(content(weights.tensor(name)));
      }
    }
    return tensors;
  }

  private TensorContent content(StoredTensor tensor) {
    String name =
        family
            .toGguf(tensor.name())
            .orElseThrow(
                () ->
                    CriaException.badInput(
                        "parameter "
                            + tensor.name()
                            + " has no place in a "
                            + family.architecture()
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
    if (family.isPermuted(ggufName)) {
      int heads = GgufFamily.isQuery(ggufName) ? heads() : keyValueHeads();
      values =
          GgufFamily.reorder(values, GgufFamily.rowOrder((int) tensor.shape()[0], heads, true));
    }
    return Blocks.encode(stored, values);
  }

  private int heads() {
    return integer("num_attention_heads");
  }

  private int keyValueHeads() {
    return keys.keyValueHeads(heads());
  }

  private int headDimension() {
    return keys.headDimension(integer("hidden_size"), heads());
  }

  private int rotaryDimension() {
    double part = keys.partialRotaryFactor();
    if (part != 1 && family != GgufFamily.PHI3) {
      throw CriaException.badInput(
          "config.json: partial_rotary_factor "
              + part
              + " cannot be exported for "
              + family.architecture()
              + ": models that turn whole heads can");
    }
    return (int) (headDimension() * part);
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
