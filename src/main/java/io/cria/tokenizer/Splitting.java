package io.cria.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Optional;

/**
 * How byte-level tokenizers split text before they merge, under the names GGUF gives the ways
 * ({@code tokenizer.ggml.pre}).
 */
enum Splitting {
  GPT2("gpt-2", "", false, false),
  SMOLLM("smollm", "", false, false),
  /** Also SmolLM3. */
  LLAMA3("llama-bpe", Expression.words("\\p{N}{1,3}"), true, true),
  /** Also Qwen3. */
  QWEN2("qwen2", Expression.words("\\p{N}"), false, false),
  /** Phi-4-mini. */
  GPT4O("gpt-4o", Expression.CASED_WORDS, false, false);

  private static final ObjectMapper JSON = new ObjectMapper();

  private final String ggufName;

  /** Empty where the byte-level step's own expression splits. */
  private final String expression;

  private final boolean ignoresMerges;
  private final boolean beginsWithBos;

  Splitting(String ggufName, String expression, boolean ignoresMerges, boolean beginsWithBos) {
    this.ggufName = ggufName;
    this.expression = expression;
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
      case "Split ByteLevel" -> splittingBy(pattern);
      default -> Optional.empty();
    };
  }

  private static Optional<Splitting> splittingBy(String pattern) {
    return Arrays.stream(values())
        .filter(splitting -> !pattern.isEmpty() && splitting.expression.equals(pattern))
        .findFirst();
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
    split.putObject("pattern").put("Regex", expression);
    split.put("behavior", "Isolated").put("invert", false);
    steps.add(byteLevel(false));
    return sequence;
  }

  private static ObjectNode byteLevel(boolean splits) {
    return JSON.createObjectNode()
        .put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("trim_offsets", true)
        .put("use_regex", splits);
  }

  /** The splitting expressions, to the letter: by them a tokenizer.json is recognised. */
  private static final class Expression {
    private static final String CONTRACTION = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
    private static final String BREAKS = "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String CAPITALS = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
    private static final String SMALL = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";

    /** Words that end where a capital follows a small letter, their contractions with them. */
    static final String CASED_WORDS =
        cased(CAPITALS + "*" + SMALL + "+")
            + "|"
            + cased(CAPITALS + "+" + SMALL + "*")
            + "|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*"
            + BREAKS;

    /**
     * English contractions, words with one leading mark, digits, marks with line ends, line ends,
     * spaces.
     */
    static String words(String digits) {
      return CONTRACTION
          + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|"
          + digits
          + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
          + BREAKS;
    }

    private static String cased(String word) {
      return "[^\\r\\n\\p{L}\\p{N}]?" + word + CONTRACTION + "?";
    }
  }
}
