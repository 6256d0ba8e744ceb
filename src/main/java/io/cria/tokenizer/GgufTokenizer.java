package io.cria.tokenizer;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.task.CriaException;
import io.cria.weights.Gguf;
import io.cria.weights.GgufMetadata;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Builds tokenizer.json from a GGUF file's vocabulary: the same ids for the same text. Two kinds
 * are known: byte-level BPE ({@code gpt2}: SmolLM2, GPT-2, Llama 3, Qwen2, Phi-4-mini, each with
 * its own splitting) and SentencePiece BPE with byte fallback ({@code llama}: LLaMA 1 and 2,
 * Mistral, Phi-3).
 */
final class GgufTokenizer {
  static final String KEY = "tokenizer.ggml.";

  /** Kinds of token, as ggml numbers them. */
  static final int NORMAL = 1;

  static final int UNKNOWN = 2;
  static final int CONTROL = 3;
  static final int USER_DEFINED = 4;

  private static final Set<String> PHI3_PLAIN = Set.of("<unk>", "<s>", "<|endoftext|>");

  private static final ObjectMapper JSON = new ObjectMapper();

  private final String where;
  private final GgufMetadata metadata;
  private final List<String> tokens;
  private final long[] types;

  private GgufTokenizer(String where, GgufMetadata metadata, List<String> tokens, long[] types) {
    this.where = where;
    this.metadata = metadata;
    this.tokens = tokens;
    this.types = types;
  }

  static ModelTokenizer read(Gguf file) {
    GgufMetadata metadata = file.metadata();
    String where = file.path().toString();
    List<String> tokens =
        metadata
            .strings(KEY + "tokens")
            .filter(list -> !list.isEmpty())
            .orElseThrow(
                () ->
                    CriaException.badInput(
                        where + " holds no tokenizer: give a tokenizer.json beside it"));
    long[] types = metadata.integers(KEY + "token_type").orElseGet(() -> allNormal(tokens.size()));
    if (types.length != tokens.size()) {
      throw CriaException.badInput(
          where
              + " has "
              + types.length
              + " token types for "
              + tokens.size()
              + " tokens: fetch it again");
    }
    return new GgufTokenizer(where, metadata, tokens, types).build();
  }

  private static long[] allNormal(int count) {
    long[] types = new long[count];
    Arrays.fill(types, NORMAL);
    return types;
  }

  private ModelTokenizer build() {
    String model = metadata.string(KEY + "model").orElse("none");
    ObjectNode root = JSON.createObjectNode();
    root.put("version", "1.0");
    root.putNull("truncation");
    root.putNull("padding");
    addedTokens(root.putArray("added_tokens"));
    boolean addsBos =
        switch (model) {
          case "gpt2" -> byteLevel(root);
          case "llama" -> sentencePiece(root);
          default ->
              throw CriaException.badInput(
                  where
                      + " has a tokenizer of kind '"
                      + model
                      + "': gpt2 and llama are supported; give a tokenizer.json");
        };
    addsBos = metadata.flag(KEY + "add_bos_token").orElse(addsBos);
    TokenizerSettings settings =
        new TokenizerSettings(
            role("bos"),
            role("eos"),
            role("padding"),
            role("unknown"),
            addsBos,
            metadata.string("tokenizer.chat_template").orElse(null),
            metadata.string("tokenizer.chat_template.tool_use").orElse(null));
    postProcessor(root, settings);
    return ModelTokenizer.of(Vocabulary.bytes(root), settings, where);
  }

  private void addedTokens(ArrayNode added) {
    for (int id = 0; id < types.length; id++) {
      if (types[id] == CONTROL || types[id] == UNKNOWN || types[id] == USER_DEFINED) {
        added
            .addObject()
            .put("id", id)
            .put("content", tokens.get(id))
            .put("single_word", false)
            .put("lstrip", false)
            .put("rstrip", takesWhiteSpace(id))
            .put("normalized", false)
            .put("special", types[id] != USER_DEFINED);
      }
    }
  }

  /** Phi-3's special tokens take the white space behind them along, but for three of them. */
  private boolean takesWhiteSpace(int id) {
    return metadata.isNamedPhi3() && !PHI3_PLAIN.contains(tokens.get(id));
  }

  private boolean byteLevel(ObjectNode root) {
    String name = metadata.string(KEY + "pre").orElse("none");
    Splitting splitting =
        Splitting.named(name)
            .orElseThrow(
                () ->
                    CriaException.badInput(
                        where
                            + " splits text as '"
                            + name
                            + "', which is not known here: give a tokenizer.json"));
    root.set("normalizer", splitting.normalizer());
    root.set("pre_tokenizer", splitting.preTokenizer());
    ObjectNode model = root.putObject("model").put("type", "BPE");
    model.putNull("dropout").putNull("unk_token");
    model.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
    model
        .put("fuse_unk", false)
        .put("byte_fallback", false)
        .put("ignore_merges", splitting.ignoresMerges());
    vocabulary(model.putObject("vocab"));
    ArrayNode merges = model.putArray("merges");
    metadata
        .strings(KEY + "merges")
        .orElseThrow(
            () -> CriaException.badInput(where + " has tokens but no merges: fetch it again"))
        .forEach(merges::add);
    root.putObject("decoder")
        .put("type", "ByteLevel")
        .put("add_prefix_space", true)
        .put("trim_offsets", true)
        .put("use_regex", true);
    return splitting.beginsWithBos();
  }

  private boolean sentencePiece(ObjectNode root) {
    float[] scores = metadata.asMap().get(KEY + "scores") instanceof float[] f ? f : new float[0];
    if (scores.length != tokens.size()) {
      throw CriaException.badInput(
          where
              + " has "
              + scores.length
              + " scores for "
              + tokens.size()
              + " tokens: fetch it again");
    }
    ArrayNode steps = root.putObject("normalizer").put("type", "Sequence").putArray("normalizers");
    boolean prefix = metadata.flag(KEY + "add_space_prefix").orElse(true);
    if (prefix) {
      steps.addObject().put("type", "Prepend").put("prepend", SentencePieceMerges.SPACE);
    }
    steps
        .addObject()
        .put("type", "Replace")
        .put("content", SentencePieceMerges.SPACE)
        .putObject("pattern")
        .put("String", " ");
    root.putNull("pre_tokenizer");
    ObjectNode model = root.putObject("model").put("type", "BPE");
    model.putNull("dropout");
    String unknown = role("unknown");
    model.put("unk_token", unknown);
    model.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
    model.put("fuse_unk", true).put("byte_fallback", true).put("ignore_merges", false);
    vocabulary(model.putObject("vocab"));
    ArrayNode merges = model.putArray("merges");
    for (SentencePieceMerges.Merge merge : SentencePieceMerges.of(tokens, scores, types)) {
      merges.addArray().add(merge.left()).add(merge.right());
    }
    ArrayNode decoders = root.putObject("decoder").put("type", "Sequence").putArray("decoders");
    decoders
        .addObject()
        .put("type", "Replace")
        .put("content", " ")
        .putObject("pattern")
        .put("String", SentencePieceMerges.SPACE);
    decoders.addObject().put("type", "ByteFallback");
    decoders.addObject().put("type", "Fuse");
    if (prefix) {
      decoders.addObject().put("type", "Strip").put("content", " ").put("start", 1).put("stop", 0);
    }
    return true;
  }

  private void vocabulary(ObjectNode vocab) {
    for (int id = 0; id < tokens.size(); id++) {
      // Padding tokens of a GGUF may repeat a text: the first keeps it.
      if (!vocab.has(tokens.get(id))) {
        vocab.put(tokens.get(id), id);
      }
    }
  }

  private static void postProcessor(ObjectNode root, TokenizerSettings settings) {
    String bos = settings.bos();
    if (!settings.addsBos() || bos == null) {
      root.putNull("post_processor");
      return;
    }
    ObjectNode processor = root.putObject("post_processor").put("type", "TemplateProcessing");
    ArrayNode single = processor.putArray("single");
    single.addObject().putObject("SpecialToken").put("id", bos).put("type_id", 0);
    single.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
    processor
        .putArray("pair")
        .addAll(single)
        .addObject()
        .putObject("Sequence")
        .put("id", "B")
        .put("type_id", 0);
    ObjectNode token = processor.putObject("special_tokens").putObject(bos).put("id", bos);
    token.putArray("ids").add(root.path("model").path("vocab").path(bos).asInt());
    token.putArray("tokens").add(bos);
  }

  private @Nullable String role(String name) {
    Optional<Long> id = metadata.integer(KEY + name + "_token_id");
    if (id.isEmpty()) {
      return null;
    }
    if (id.get() < 0 || id.get() >= tokens.size()) {
      throw CriaException.badInput(
          where
              + " names token "
              + id.get()
              + " as its "
              + name
              + " token and has "
              + tokens.size()
              + ": fetch it again");
    }
    return tokens.get(id.get().intValue());
  }
}
