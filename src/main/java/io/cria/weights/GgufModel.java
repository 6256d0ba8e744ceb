package io.cria.weights;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.task.CriaException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A llama-like model in a GGUF file, seen as Hugging Face sees it: its parameter names, its order
 * of query and key rows, its config.json. Values stay quantised until {@link
 * StoredTensor#floats()}.
 */
public final class GgufModel implements Weights {
  private static final String ROPE_FREQS = "rope_freqs.weight";

  /** Numbers for the rotary positions, which stand in config.json on the other side. */
  private static final Set<String> ROPE_TENSORS =
      Set.of(ROPE_FREQS, LongRope.SHORT_TENSOR, LongRope.LONG_TENSOR);

  private final Gguf file;
  private final GgufFamily family;
  private final String architecture;

  /** Hugging Face name to GGUF name. */
  private final Map<String, String> names;

  private GgufModel(Gguf file, GgufFamily family, Map<String, String> names) {
    this.file = file;
    this.family = family;
    this.architecture = family.architecture();
    this.names = Collections.unmodifiableMap(names);
  }

  /**
   * @throws CriaException (bad input) when the file does not hold, or its architecture is none of
   *     {@link GgufFamily}'s
   */
  public static GgufModel open(Path path) {
    Gguf file = Gguf.open(path);
    String architecture = file.metadata().string("general.architecture").orElse("none");
    GgufFamily family =
        GgufFamily.ofArchitecture(architecture)
            .orElseThrow(
                () ->
                    CriaException.badInput(
                        path
                            + " holds the architecture '"
                            + architecture
                            + "': "
                            + GgufFamily.supported()
                            + " are supported"));
    Map<String, String> names = new LinkedHashMap<>();
    for (String name : file.names()) {
      if (!ROPE_TENSORS.contains(name)) {
        names.put(
            family
                .fromGguf(name)
                .orElseThrow(
                    () ->
                        CriaException.badInput(
                            path
                                + " has tensor "
                                + name
                                + ", which no dense "
                                + architecture
                                + " model has: use another")),
            name);
      }
    }
    return new GgufModel(file, family, names);
  }

  /** The file itself: metadata and tensors under GGUF's names. */
  public Gguf file() {
    return file;
  }

  @Override
  public Set<String> names() {
    return names.keySet();
  }

  @Override
  public StoredTensor tensor(String name) {
    String stored = names.get(name);
    if (stored == null) {
      throw CriaException.badInput(
          file.path() + " has no tensor for " + name + ": is it a whole model?");
    }
    StoredTensor tensor = file.tensor(stored);
    if (!family.isPermuted(stored)) {
      return new StoredTensor(name, tensor.type(), tensor.shape(), tensor.chunks());
    }
    long[] shape = tensor.shape();
    long heads = GgufFamily.isQuery(stored) ? count("attention.head_count") : keyValueHeads();
    if (shape[0] % (2 * heads) != 0) {
      throw CriaException.badInput(
          file.path()
              + " is inconsistent: tensor "
              + stored
              + " has no rows for "
              + heads
              + " heads: fetch it again");
    }
    int[] order = GgufFamily.rowOrder((int) shape[0], (int) heads, false);
    return new StoredTensor(name, tensor.type(), shape, List.of(reordered(tensor, order)));
  }

  private static ByteBuffer reordered(StoredTensor tensor, int[] order) {
    int size = Math.toIntExact(tensor.byteLength());
    int rowBytes = size / order.length;
    ByteBuffer all = ByteBuffer.allocateDirect(size);
    tensor.chunks().forEach(all::put);
    ByteBuffer result = ByteBuffer.allocateDirect(size).order(ByteOrder.LITTLE_ENDIAN);
    for (int row : order) {
      result.put(all.slice(row * rowBytes, rowBytes));
    }
    return result.rewind().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * The config.json of this model, in the older wording ({@code rope_theta}, {@code rope_scaling}),
   * which every version of transformers reads.
   *
   * @throws CriaException (bad input) when the metadata lack what it needs, or ask for a rotary
   *     scaling we do not know
   */
  public ObjectNode config() {
    long heads = count("attention.head_count");
    long hidden = count("embedding_length");
    long headDimension = optionalCount("attention.key_length", hidden / heads);
    long rotary = optionalCount("rope.dimension_count", headDimension);
    if (rotary != headDimension && family != GgufFamily.PHI3) {
      throw CriaException.badInput(
          file.path()
              + " turns "
              + rotary
              + " of "
              + headDimension
              + " values of a head ("
              + architecture
              + ".rope.dimension_count): only models that turn all are supported");
    }
    ObjectNode config = JsonNodeFactory.instance.objectNode();
    config.putArray("architectures").add(family.className());
    config.put("model_type", architecture);
    config.put("hidden_size", hidden);
    config.put("intermediate_size", count("feed_forward_length"));
    config.put("num_hidden_layers", count("block_count"));
    config.put("num_attention_heads", heads);
    config.put("num_key_value_heads", keyValueHeads());
    config.put("head_dim", headDimension);
    config.put("hidden_act", "silu");
    config.put("rms_norm_eps", number("attention.layer_norm_rms_epsilon"));
    config.put("max_position_embeddings", count("context_length"));
    config.put("vocab_size", tensor("model.embed_tokens.weight").shape()[0]);
    config.put("tie_word_embeddings", !has("lm_head.weight"));
    if (family != GgufFamily.QWEN2 && family != GgufFamily.PHI3) {
      config.put("attention_bias", has("model.layers.0.self_attn.q_proj.bias"));
    }
    if (family == GgufFamily.LLAMA || family == GgufFamily.SMOLLM3) {
      config.put("mlp_bias", has("model.layers.0.mlp.gate_proj.bias"));
    }
    RopeScaling rope = rope((int) headDimension);
    switch (family) {
      case SMOLLM3 -> config.put("no_rope_layer_interval", GgufFamily.UNTURNED_INTERVAL);
      case PHI3 -> putPhi3(config, rope, (int) rotary, headDimension);
      case LLAMA, QWEN2, QWEN3 -> {}
    }
    if (!rope.type().equals(RopeScaling.LONGROPE)) {
      rope.putInto(config);
    }
    config.put("torch_dtype", "float32");
    putToken(config, "bos_token_id");
    putToken(config, "eos_token_id");
    return config;
  }

  private void putPhi3(ObjectNode config, RopeScaling rope, int rotary, long headDimension) {
    long window = file.metadata().integer(architecture + ".attention.sliding_window").orElse(0L);
    config.put("sliding_window", window > 0 ? (Long) window : null);
    config.put("partial_rotary_factor", (double) rotary / headDimension);
    long length = count("context_length");
    long original = optionalCount("rope.scaling.original_context_length", length);
    config.put(LongRope.ORIGINAL_LENGTH, original);
    if (rope.type().equals(RopeScaling.LONGROPE)) {
      config.put("rope_theta", rope.theta());
      new LongRope(
              factors(LongRope.SHORT_TENSOR, rotary / 2),
              factors(LongRope.LONG_TENSOR, rotary / 2),
              original,
              file.metadata().number(architecture + ".rope.scaling.attn_factor").orElse(1.0))
          .putInto(config);
    }
  }

  private List<Double> factors(String tensor, int count) {
    List<Double> factors = file.has(tensor) ? LongRope.factors(file.tensor(tensor)) : List.of();
    if (factors.size() != count) {
      throw CriaException.badInput(
          file.path()
              + " has "
              + factors.size()
              + " numbers in "
              + tensor
              + ", not "
              + count
              + ": fetch it again");
    }
    return factors;
  }

  private RopeScaling rope(int headDimension) {
    double theta = file.metadata().number(architecture + ".rope.freq_base").orElse(10000.0);
    if (file.has(ROPE_FREQS)) {
      float[] divisors = file.tensor(ROPE_FREQS).floats();
      return RopeScaling.ofDivisors(theta, divisors)
          .filter(scaling -> 2 * divisors.length == headDimension)
          .orElseThrow(
              () ->
                  CriaException.badInput(
                      file.path()
                          + " scales its rotary frequencies as llama3 does not: use another"));
    }
    if (family == GgufFamily.PHI3
        && (file.has(LongRope.SHORT_TENSOR) || file.has(LongRope.LONG_TENSOR))) {
      return new RopeScaling(theta, RopeScaling.LONGROPE, 1, 1, 4, 0);
    }
    // As llama.cpp reads it: scaling without a type is linear, older files have scale_linear, and a
    // factor of 0 is none.
    String type = file.metadata().string(architecture + ".rope.scaling.type").orElse("linear");
    double factor =
        file.metadata()
            .number(architecture + ".rope.scaling.factor")
            .or(() -> file.metadata().number(architecture + ".rope.scale_linear"))
            .orElse(0.0);
    boolean scales = factor != 0 && factor != 1;
    if (type.equals("none") || (type.equals("linear") && !scales)) {
      return new RopeScaling(theta, RopeScaling.NONE, 1, 1, 4, 0);
    }
    if (type.equals("linear")) {
      return new RopeScaling(theta, RopeScaling.LINEAR, factor, 1, 4, 0);
    }
    throw CriaException.badInput(
        file.path()
            + " asks for rotary scaling '"
            + type
            + "': none, linear and llama3 are supported");
  }

  private long keyValueHeads() {
    return optionalCount("attention.head_count_kv", count("attention.head_count"));
  }

  private void putToken(ObjectNode config, String key) {
    file.metadata().integer("tokenizer.ggml." + key).ifPresent(id -> config.put(key, id));
  }

  private long optionalCount(String key, long otherwise) {
    return file.metadata().asMap().containsKey(architecture + "." + key) ? count(key) : otherwise;
  }

  private long count(String key) {
    return file.metadata()
        .integer(architecture + "." + key)
        .filter(value -> value > 0)
        .orElseThrow(() -> lacks(key));
  }

  private double number(String key) {
    return file.metadata().number(architecture + "." + key).orElseThrow(() -> lacks(key));
  }

  private CriaException lacks(String key) {
    return CriaException.badInput(
        file.path()
            + " has no positive number "
            + architecture
            + "."
            + key
            + ": is it a whole dense model?");
  }
}
