package io.cria.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * How byte-level tokenizers split text before they merge, under the names GGUF gives the ways
 * ({@code tokenizer.ggml.pre}).
 */
enum Splitting {
  GPT2("gpt-2", "", false, false),
  SMOLLM("smollm", "", false, false),
  LLAMA3("llama-bpe", "\\p{N}{1,3}", true, true),
  QWEN2("qwen2", "\\p{N}", false, false);

  private static final ObjectMapper JSON = new ObjectMapper();

  private final String ggufName;

  /**
   * How digits group in the splitting expression; empty where the byte-level step's own expression
   * splits.
   */
  private final String digits;

  private final boolean ignoresMerges;
  private final boolean beginsWithBos;

  Splitting(String ggufName, String digits, boolean ignoresMerges, boolean beginsWithBos) {
    this.ggufName = ggufName;
    this.digits = digits;
    this.ignoresMerges = ignoresMerges;
    this.beginsWithBos = beginsWithBos;
  }

  static Optional<Splitting> named(String ggufName) {
    for (Splitting splitting : values()) {
      if (splitting.ggufName.equals(ggufName)) {
        return Optional.of(splitting);
      }
    }
    return Optional.empty();
  }

  /** The one whose pre-tokenizer a tokenizer.json holds. */
  static Optional<Splitting> of(JsonNode tokenizerJson) {
    JsonNode steps = tokenizerJson.path("pre_tokenizer");
    ObjectNode whole = JSON.createObjectNode();
    whole.putArray("pretokenizers").add(steps);
    JsonNode list =
        steps.has("pretokenizers") ? steps.path("pretokenizers") : whole.path("pretokenizers");
    String kinds = "";
    String pattern = "";
    for (JsonNode step : list) {
      kinds += step.path("type").asText() + " ";
      pattern += step.path("pattern").path("Regex").asText();
    }
    return switch (kinds.trim()) {
      case "ByteLevel" -> Optional.of(GPT2);
      case "Digits ByteLevel" -> Optional.of(SMOLLM);
      case "Split ByteLevel" ->
          pattern.equals(LLAMA3.expression())
              ? Optional.of(LLAMA3)
              : pattern.equals(QWEN2.expression()) ? Optional.of(QWEN2) : Optional.empty();
      default -> Optional.empty();
    };
  }

  String ggufName() {
    return ggufName;
  }

  /** Whether a piece that is in the vocabulary whole is taken whole. */
  boolean ignoresMerges() {
    return ignoresMerges;
  }

  /** Whether a sequence begins with bos where the file does not say. */
  boolean beginsWithBos() {
    return beginsWithBos;
  }

  JsonNode normalizer() {
    return this == QWEN2 ? JSON.createObjectNode().put("type", "NFC") : NullNode.getInstance();
  }

  JsonNode preTokenizer() {
    if (this == GPT2) {
      return byteLevel(true);
    }
    ObjectNode sequence = JSON.createObjectNode().put("type", "Sequence");
    ArrayNode steps = sequence.putArray("pretokenizers");
    if (this == SMOLLM) {
      steps.addObject().put("type", "Digits").put("individual_digits", true);
      steps.add(byteLevel(true));
      return sequence;
    }
    ObjectNode split = steps.addObject().put("type", "Split");
    split.putObject("pattern").put("Regex", expression());
    split.put("behavior", "Isolated").put("invert", false);
    steps.add(byteLevel(false));
    return sequence;
  }

  /**
   * English contractions, words with one leading mark, digits, marks with line ends, line ends,
   * spaces.
   */
  private String expression() {
    return "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|"
        + digits
        + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  }

  private static ObjectNode byteLevel(boolean splits) {
    return JSON.createObjectNode()
        .put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("trim_offsets", true)
        .put("use_regex", splits);
  }
}
