package io.cria.tokenizer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which tokens a base model lacks for instruction tuning, as the Alpaca recipe completes them:
 * {@code <s>}, {@code </s>}, {@code [PAD]} and {@code <unk>}, each where the model has no token in
 * that role. The model's embedding must be given rows for them ({@link
 * io.cria.weights.EmbeddingRows}).
 *
 * @param added the new tokens, by rising id
 * @param tokenizerJson the tokenizer with them, UTF-8
 * @param settings its settings
 */
@SuppressWarnings("ArrayRecordComponent") // copied in and out; never compared
public record TokenPlan(List<Added> added, byte[] tokenizerJson, TokenizerSettings settings) {
  /** One new token and its id: the row of the embedding it needs. */
  public record Added(String token, int id) {}

  public TokenPlan {
    added = List.copyOf(added);
    tokenizerJson = tokenizerJson.clone();
  }

  @Override
  public byte[] tokenizerJson() {
    return tokenizerJson.clone();
  }

  /** The plan for this tokenizer; adds nothing where nothing is missing. */
  public static TokenPlan complete(ModelTokenizer tokenizer) {
    TokenizerSettings now = tokenizer.settings();
    ObjectNode json = tokenizer.tree().deepCopy();
    ArrayNode tokens = json.withArray("added_tokens");
    List<Added> added = new ArrayList<>();
    TokenizerSettings complete =
        new TokenizerSettings(
            present(now.bos(), "<s>", tokenizer, tokens, added),
            present(now.eos(), "</s>", tokenizer, tokens, added),
            present(now.pad(), "[PAD]", tokenizer, tokens, added),
            present(now.unk(), "<unk>", tokenizer, tokens, added),
            now.addsBos(),
            now.chatTemplate(),
            now.toolTemplate());
    byte[] bytes = added.isEmpty() ? tokenizer.json() : Vocabulary.bytes(json);
    return new TokenPlan(added, bytes, complete);
  }

  private static String present(
      @Nullable String current,
      String wanted,
      ModelTokenizer tokenizer,
      ArrayNode tokens,
      List<Added> added) {
    if (current != null) {
      return current;
    }
    if (tokenizer.idOf(wanted).isEmpty()) {
      int id = tokenizer.vocabularySize() + added.size();
      added.add(new Added(wanted, id));
      tokens
          .addObject()
          .put("id", id)
          .put("content", wanted)
          .put("single_word", false)
          .put("lstrip", false)
          .put("rstrip", false)
          .put("normalized", false)
          .put("special", true);
    }
    return wanted;
  }

  /** The completed tokenizer. */
  public ModelTokenizer tokenizer() {
    return ModelTokenizer.of(tokenizerJson, settings, "the completed tokenizer");
  }
}
