package io.cria.tokenizer;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A byte-level tokenizer of a few hundred tokens, for tests that need one and no model. */
public final class SmallTokenizer {
  private static final List<String> CONTROL =
      List.of("<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>");
  private static final List<String> MERGES =
      List.of("t h", "th e", "Ġ t", "Ġt h", "Ġth e", "i n", "in g", "e r", "o r");

  private SmallTokenizer() {}

  /**
   * With {@code <s>} and {@code </s>} in their roles, nothing added by itself, and no chat form.
   */
  public static ModelTokenizer create() {
    return create(new TokenizerSettings("<s>", "</s>", null, "<unk>", false, null));
  }

  public static ModelTokenizer create(TokenizerSettings settings) {
    return ModelTokenizer.of(json(), settings, "tokenizer.json of the test");
  }

  static byte[] json() {
    ObjectNode root = new ObjectMapper().createObjectNode().put("version", "1.0");
    root.putNull("truncation").putNull("padding").putNull("normalizer").putNull("post_processor");
    List<String> tokens = new ArrayList<>(CONTROL);
    ArrayNode added = root.putArray("added_tokens");
    for (int id = 0; id < CONTROL.size(); id++) {
      addControl(added, id, CONTROL.get(id));
    }
    byteSymbols().forEach(tokens::add);
    MERGES.forEach(merge -> tokens.add(merge.replace(" ", "")));
    root.set("pre_tokenizer", Splitting.SMOLLM.preTokenizer());
    root.putObject("decoder")
        .put("type", "ByteLevel")
        .put("add_prefix_space", true)
        .put("trim_offsets", true)
        .put("use_regex", true);
    ObjectNode model = root.putObject("model").put("type", "BPE");
    model
        .putNull("dropout")
        .putNull("unk_token")
        .putNull("continuing_subword_prefix")
        .putNull("end_of_word_suffix");
    model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", false);
    ObjectNode vocab = model.putObject("vocab");
    for (int id = 0; id < tokens.size(); id++) {
      vocab.put(tokens.get(id), id);
    }
    MERGES.forEach(model.putArray("merges")::add);
    return Vocabulary.bytes(root);
  }

  private static void addControl(ArrayNode added, int id, String content) {
    added
        .addObject()
        .put("id", id)
        .put("content", content)
        .put("single_word", false)
        .put("lstrip", false)
        .put("rstrip", false)
        .put("normalized", false)
        .put("special", true);
  }

  /**
   * A tokenizer.json of pieces with \u2581 for a space and bytes for what is no piece, as
   * SentencePiece's converted ones are; {@code steps} is a JSON object with its normalizer or
   * pre-tokenizer.
   */
  public static byte[] spaceMarking(String steps) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode root = mapper.createObjectNode().put("version", "1.0");
    root.putNull("normalizer").putNull("pre_tokenizer").putNull("post_processor");
    root.setAll((ObjectNode) mapper.readTree(steps));
    ArrayNode added = root.putArray("added_tokens");
    ObjectNode model = root.putObject("model").put("type", "BPE").put("unk_token", "<unk>");
    model.put("fuse_unk", true).put("byte_fallback", true);
    ObjectNode vocab = model.putObject("vocab");
    for (String control : List.of("<unk>", "<s>", "</s>")) {
      addControl(added, vocab.size(), control);
      vocab.put(control, vocab.size());
    }
    for (int value = 0; value < 256; value++) {
      vocab.put(String.format(Locale.ROOT, "<0x%02X>", value), vocab.size());
    }
    for (String piece : List.of("\u2581", "a", "b", "ab", "\u2581ab")) {
      vocab.put(piece, vocab.size());
    }
    model.putArray("merges").add("a b").add("\u2581 ab");
    root.putObject("decoder").put("type", "Fuse");
    return Vocabulary.bytes(root);
  }

  /**
   * The letters that stand for the 256 bytes: printable Latin-1 for itself, the others from U+0100
   * on.
   */
  private static List<String> byteSymbols() {
    List<String> symbols = new ArrayList<>();
    int next = 256;
    for (int value = 0; value < 256; value++) {
      boolean printable =
          (value >= '!' && value <= '~') || (value >= 0xA1 && value <= 0xAC) || value >= 0xAE;
      symbols.add(Character.toString(printable ? value : next++));
    }
    return symbols;
  }
}
