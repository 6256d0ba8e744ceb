package io.cria.weights;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Where Hugging Face's checkpoints and GGUF differ, for each of GGUF's architectures that are known
 * here: names, and the order of the rows of the query and key projections. Hugging Face rotates
 * value i of a head with value i + d/2, as GGUF's {@code qwen2}, {@code qwen3} and {@code phi3} do.
 * GGUF's {@code llama} and {@code smollm3} rotate value 2i with 2i + 1; so there each head's rows
 * are interleaved on the way to GGUF and parted on the way back.
 */
enum GgufFamily {
  /** Also Mistral. */
  LLAMA("llama", "LlamaForCausalLM", true, "default, linear, llama3"),
  QWEN2("qwen2", "Qwen2ForCausalLM", false, "default, linear"),
  QWEN3("qwen3", "Qwen3ForCausalLM", false, "default, linear"),
  SMOLLM3("smollm3", "SmolLM3ForCausalLM", true, "default, linear"),
  PHI3("phi3", "Phi3ForCausalLM", false, "default, longrope");

  /** The layers of SmolLM3 whose number, from 1, divides by this turn nothing in llama.cpp. */
  static final int UNTURNED_INTERVAL = 4;

  private static final Map<String, String> OUTSIDE_LAYERS =
      Map.of(
          "model.embed_tokens.weight", "token_embd.weight",
          "model.norm.weight", "output_norm.weight",
          "lm_head.weight", "output.weight");

  /** Names of what a layer has, Hugging Face's to GGUF's. */
  private static final Map<String, String> COMMON =
      Map.of(
          "self_attn.o_proj", "attn_output",
          "mlp.down_proj", "ffn_down",
          "input_layernorm", "attn_norm",
          "post_attention_layernorm", "ffn_norm");

  private static final Map<String, String> SEPARATE =
      joined(
          COMMON,
          Map.of(
              "self_attn.q_proj", "attn_q",
              "self_attn.k_proj", "attn_k",
              "self_attn.v_proj", "attn_v",
              "mlp.gate_proj", "ffn_gate",
              "mlp.up_proj", "ffn_up"));

  private static final Map<String, String> NORMED =
      joined(
          SEPARATE, Map.of("self_attn.q_norm", "attn_q_norm", "self_attn.k_norm", "attn_k_norm"));

  private static final Map<String, String> JOINT =
      joined(COMMON, Map.of("self_attn.qkv_proj", "attn_qkv", "mlp.gate_up_proj", "ffn_up"));

  private static Map<String, String> joined(Map<String, String> some, Map<String, String> more) {
    Map<String, String> all = new HashMap<>(some);
    all.putAll(more);
    return Map.copyOf(all);
  }

  private final String architecture;
  private final String className;
  private final boolean interleaves;
  private final String ropeTypes;

  GgufFamily(String architecture, String className, boolean interleaves, String ropeTypes) {
    this.architecture = architecture;
    this.className = className;
    this.interleaves = interleaves;
    this.ropeTypes = ropeTypes;
  }

  /** The one of that {@code general.architecture}. */
  static Optional<GgufFamily> ofArchitecture(String name) {
    return Arrays.stream(values()).filter(family -> family.architecture.equals(name)).findFirst();
  }

  /** The one of that {@code model_type} of config.json. */
  static Optional<GgufFamily> ofModelType(String type) {
    return ofArchitecture(type.equals("mistral") ? "llama" : type);
  }

  /** For messages: llama (also Mistral), qwen2 and the others. */
  static String supported() {
    List<String> names = Arrays.stream(values()).map(GgufFamily::architecture).toList();
    return names.stream()
            .limit(names.size() - 1L)
            .collect(Collectors.joining(", "))
            .replaceFirst("llama", "llama (also Mistral)")
        + " and "
        + names.get(names.size() - 1);
  }

  /** As in {@code general.architecture}, and as the prefix of its keys. */
  String architecture() {
    return architecture;
  }

  /** As in {@code architectures} of config.json. */
  String className() {
    return className;
  }

  /** The rules of rotary scaling that llama.cpp computes for it, by their names in config.json. */
  Set<String> ropeTypes() {
    return Set.of(ropeTypes.split(", "));
  }

  private Map<String, String> parts() {
    return switch (this) {
      case LLAMA, QWEN2, SMOLLM3 -> SEPARATE;
      case QWEN3 -> NORMED;
      case PHI3 -> JOINT;
    };
  }

  /** The GGUF name of a Hugging Face parameter; empty when such a model has none of that name. */
  Optional<String> toGguf(String name) {
    return rename(name, OUTSIDE_LAYERS, parts(), "model.layers.", "blk.").filter(this::hasBias);
  }

  /** The Hugging Face name of a GGUF tensor; empty when such a model has none of that name. */
  Optional<String> fromGguf(String name) {
    return hasBias(name)
        ? rename(name, inverse(OUTSIDE_LAYERS), inverse(parts()), "blk.", "model.layers.")
        : Optional.empty();
  }

  /** llama.cpp loads a file of the other architectures only without the biases it does not know. */
  private boolean hasBias(String ggufName) {
    return this == LLAMA
        || !ggufName.endsWith(".bias")
        || (this != PHI3 && ggufName.matches(".*\\.attn_[qkv]\\.bias"));
  }

  private static Optional<String> rename(
      String name,
      Map<String, String> outside,
      Map<String, String> inside,
      String prefix,
      String newPrefix) {
    String direct = outside.get(name);
    if (direct != null) {
      return Optional.of(direct);
    }
    int layerEnd = name.indexOf('.', prefix.length());
    int last = name.lastIndexOf('.');
    if (!name.startsWith(prefix) || layerEnd < 0 || last <= layerEnd) {
      return Optional.empty();
    }
    String layer = name.substring(prefix.length(), layerEnd);
    String suffix = name.substring(last);
    String part = inside.get(name.substring(layerEnd + 1, last));
    boolean sound = layer.matches("[0-9]+") && (suffix.equals(".weight") || suffix.equals(".bias"));
    return part == null || !sound
        ? Optional.empty()
        : Optional.of(newPrefix + layer + "." + part + suffix);
  }

  private static Map<String, String> inverse(Map<String, String> map) {
    return map.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getValue, Map.Entry::getKey));
  }

  /** Whether the rows of this GGUF tensor lie in another order than Hugging Face's. */
  boolean isPermuted(String ggufName) {
    return interleaves && (isQuery(ggufName) || ggufName.contains(".attn_k."));
  }

  /**
   * Whether it belongs to the queries, which have all heads; keys have only the key-value heads.
   */
  static boolean isQuery(String ggufName) {
    return ggufName.contains(".attn_q.");
  }

  /**
   * For each row of the target its row in the source: {@code toGguf} from parted to interleaved
   * pairs, else back.
   *
   * @param rows heads × head dimension
   */
  static int[] rowOrder(int rows, int heads, boolean toGguf) {
    int headDimension = rows / heads;
    if (headDimension * heads != rows || headDimension % 2 != 0) {
      throw new IllegalArgumentException(rows + " rows are not " + heads + " heads of even size");
    }
    int[] order = new int[rows];
    for (int row = 0; row < rows; row++) {
      int head = row - row % headDimension;
      int parted = row % headDimension;
      int interleaved = parted % (headDimension / 2) * 2 + parted / (headDimension / 2);
      if (toGguf) {
        order[head + interleaved] = row;
      } else {
        order[row] = head + interleaved;
      }
    }
    return order;
  }

  /** The values with their rows in the order {@code order}. */
  static float[] reorder(float[] values, int[] order) {
    int columns = values.length / order.length;
    float[] result = new float[values.length];
    for (int row = 0; row < order.length; row++) {
      System.arraycopy(values, order[row] * columns, result, row * columns, columns);
    }
    return result;
  }
}
