package io.cria.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import io.cria.task.CriaException;
import io.cria.template.PlainForm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The {@code tokenizer.*} metadata that let llama.cpp split text as a tokenizer.json does. */
public final class GgufVocabulary {
  private static final int UNUSED = 5;
  private static final int BYTE = 6;

  private final ModelTokenizer tokenizer;
  private final JsonNode model;
  private final String[] tokens;
  private final int[] types;

  private GgufVocabulary(ModelTokenizer tokenizer, int rows) {
    this.tokenizer = tokenizer;
    this.model = tokenizer.tree().path("model");
    this.tokens = new String[rows];
    this.types = new int[rows];
  }

  /**
   * @param rows rows of the model's embedding; ids without a token get a placeholder
   * @throws CriaException (bad input) when the tokenizer has more tokens than rows, or splits text
   *     in a way that GGUF has no name for here
   */
  public static Map<String, Object> metadata(ModelTokenizer tokenizer, int rows) {
    if (tokenizer.vocabularySize() > rows) {
      throw CriaException.badInput(
          "the tokenizer has "
              + tokenizer.vocabularySize()
              + " tokens, the model's embedding "
              + rows
              + " rows: give the model's own tokenizer");
    }
    return new GgufVocabulary(tokenizer, rows).build();
  }

  private Map<String, Object> build() {
    fillTokens();
    Map<String, Object> pairs = new LinkedHashMap<>();
    boolean sentencePiece = model.path("byte_fallback").asBoolean();
    pairs.put(GgufTokenizer.KEY + "model", sentencePiece ? "llama" : "gpt2");
    pairs.put(GgufTokenizer.KEY + "pre", sentencePiece ? "default" : splitting().ggufName());
    pairs.put(GgufTokenizer.KEY + "tokens", List.of(tokens));
    if (sentencePiece) {
      pairs.put(GgufTokenizer.KEY + "scores", scores());
    }
    pairs.put(GgufTokenizer.KEY + "token_type", types);
    if (sentencePiece) {
      pairs.put(GgufTokenizer.KEY + "add_space_prefix", tokenizer.putsSpaceBefore());
    } else {
      List<String> merges = new ArrayList<>();
      for (String[] merge : merges()) {
        merges.add(merge[0] + " " + merge[1]);
      }
      pairs.put(GgufTokenizer.KEY + "merges", merges);
    }
    TokenizerSettings settings = tokenizer.settings();
    putId(pairs, "bos", settings.bos());
    putId(pairs, "eos", settings.eos());
    putId(pairs, "padding", settings.pad());
    putId(pairs, "unknown", settings.unk());
    pairs.put(GgufTokenizer.KEY + "add_bos_token", settings.addsBos());
    if (settings.chatTemplate() != null) {
      // the marks are for training, and some readers of GGUF files refuse a template that has them
      pairs.put("tokenizer.chat_template", PlainForm.unmarked(settings.chatTemplate()));
    }
    if (settings.toolTemplate() != null) {
      pairs.put("tokenizer.chat_template.tool_use", settings.toolTemplate());
    }
    return pairs;
  }

  private void fillTokens() {
    Arrays.fill(types, UNUSED);
    for (int id = 0; id < tokens.length; id++) {
      tokens[id] = "[PAD" + id + "]";
    }
    tokenizer
        .ids()
        .forEach(
            (text, id) -> {
              tokens[id] = text;
              types[id] = text.matches("<0x[0-9A-F]{2}>") ? BYTE : GgufTokenizer.NORMAL;
            });
    for (JsonNode added : tokenizer.tree().path("added_tokens")) {
      int id = added.path("id").asInt();
      boolean special = added.path("special").asBoolean();
      boolean unknown = tokens[id].equals(model.path("unk_token").asText());
      types[id] =
          unknown
              ? GgufTokenizer.UNKNOWN
              : special ? GgufTokenizer.CONTROL : GgufTokenizer.USER_DEFINED;
    }
  }

  private Splitting splitting() {
    return Splitting.of(tokenizer.tree())
        .orElseThrow(
            () ->
                CriaException.badInput(
                    "the tokenizer splits text as neither GPT-2, SmolLM, Llama 3, Qwen2 nor GPT-4o do:"
                        + " export it without a vocabulary"));
  }

  /** SentencePiece joins by the best score: a piece made by an earlier merge has the better one. */
  private float[] scores() {
    Map<String, Integer> rank = new HashMap<>();
    for (String[] merge : merges()) {
      rank.putIfAbsent(merge[0] + merge[1], rank.size());
    }
    float[] scores = new float[tokens.length];
    for (int id = 0; id < tokens.length; id++) {
      Integer at = rank.get(tokens[id]);
      scores[id] = at != null ? -at : types[id] == GgufTokenizer.NORMAL ? -rank.size() : 0;
    }
    return scores;
  }

  /** Merges stand in tokenizer.json as pairs, in older files as one text with a space. */
  private List<String[]> merges() {
    List<String[]> merges = new ArrayList<>();
    for (JsonNode merge : model.path("merges")) {
      if (merge.isArray()) {
        merges.add(new String[] {merge.path(0).asText(), merge.path(1).asText()});
      } else {
        String text = merge.asText();
        int space = text.indexOf(' ');
        merges.add(new String[] {text.substring(0, space), text.substring(space + 1)});
      }
    }
    return merges;
  }

  private void putId(Map<String, Object> pairs, String role, @Nullable String token) {
    OptionalInt id = tokenizer.idOf(token);
    if (id.isPresent()) {
      pairs.put(GgufTokenizer.KEY + role + "_token_id", id.getAsInt());
    }
  }
}
