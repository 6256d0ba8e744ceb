package io.cria.weights;

import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Where Hugging Face's llama-like checkpoints and GGUF differ: names, and the order of the rows of
 * the query and key projections. Hugging Face rotates value i of a head with value i + d/2, GGUF's
 * {@code llama} architecture value 2i with 2i + 1; so each head's rows are interleaved on the way
 * to GGUF and parted on the way back. GGUF's {@code qwen2} architecture rotates as Hugging Face
 * does.
 */
final class LlamaLayout {
  private static final Map<String, String> OUTSIDE_LAYERS =
      Map.of(
          "model.embed_tokens.weight", "token_embd.weight",
          "model.norm.weight", "output_norm.weight",
          "lm_head.weight", "output.weight");

  private static final Map<String, String> IN_LAYER =
      Map.of(
          "self_attn.q_proj", "attn_q",
          "self_attn.k_proj", "attn_k",
          "self_attn.v_proj", "attn_v",
          "self_attn.o_proj", "attn_output",
          "mlp.gate_proj", "ffn_gate",
          "mlp.up_proj", "ffn_up",
          "mlp.down_proj", "ffn_down",
          "input_layernorm", "attn_norm",
          "post_attention_layernorm", "ffn_norm");

  private LlamaLayout() {}

  /**
   * The GGUF name of a Hugging Face parameter; empty when a llama-like model has none of that name.
   */
  static Optional<String> toGguf(String name) {
    return rename(name, OUTSIDE_LAYERS, IN_LAYER, "model.layers.", "blk.");
  }

  /**
   * The Hugging Face name of a GGUF tensor; empty when a llama-like model has none of that name.
   */
  static Optional<String> fromGguf(String name) {
    return rename(name, inverse(OUTSIDE_LAYERS), inverse(IN_LAYER), "blk.", "model.layers.");
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

  /**
   * Whether the rows of this GGUF tensor lie in another order than Hugging Face's, for the {@code
   * llama} architecture.
   */
  static boolean isPermuted(String ggufName) {
    return isQuery(ggufName) || ggufName.contains(".attn_k.");
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
