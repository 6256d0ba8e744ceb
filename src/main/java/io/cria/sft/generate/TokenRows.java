package io.cria.sft.generate;

import io.cria.task.CriaException;
import io.cria.tokenizer.ModelTokenizer;
import java.nio.file.Path;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Which tokens of a tokenizer a model has no row of its embedding for. Often that is a padding
 * token that was added to the tokenizer alone, which no text needs; many other tokens mean that the
 * two belong to different models.
 */
public final class TokenRows {
  private final int rows;

  /** From id to text. */
  private final NavigableMap<Integer, String> beyond;

  private TokenRows(int rows, NavigableMap<Integer, String> beyond) {
    this.rows = rows;
    this.beyond = beyond;
  }

  /**
   * The control tokens from id {@code rows} on.
   *
   * @param where what errors name
   * @throws CriaException (bad input) when other tokens lie there too
   */
  public static TokenRows of(ModelTokenizer tokenizer, int rows, Path where) {
    NavigableMap<Integer, String> beyond = new TreeMap<>();
    for (String token : tokenizer.controlTokens()) {
      int id = tokenizer.idOf(token).orElseThrow();
      if (id >= rows) {
        beyond.put(id, token);
      }
    }
    int size = tokenizer.vocabularySize();
    if (size - rows > beyond.size()) {
      throw CriaException.badInput(
          "the tokenizer of "
              + where
              + " has "
              + size
              + " tokens, the model "
              + rows
              + ": give model and tokenizer of one checkpoint");
    }
    return new TokenRows(rows, beyond);
  }

  /** Whether every token has a row. */
  public boolean isComplete() {
    return beyond.isEmpty();
  }

  /**
   * @throws CriaException (bad input) when one of these tokens has no row
   */
  void require(int[] ids) {
    for (int id : ids) {
      if (id >= rows) {
        throw CriaException.badInput(
            "the prompt has the token '" + beyond.get(id) + "' (id " + id + "): " + remedy());
      }
    }
  }

  /**
   * @param where what the error names
   * @throws CriaException (bad input) when a token has no row
   */
  public void requireComplete(Path where) {
    if (!isComplete()) {
      throw CriaException.badInput(
          "the tokenizer of "
              + where
              + " has the token '"
              + beyond.firstEntry().getValue()
              + "' (id "
              + beyond.firstKey()
              + "): "
              + remedy());
    }
  }

  private String remedy() {
    return "the model's embedding has "
        + rows
        + " rows, none for it: give the model rows with transformers (resize_token_embeddings), or"
        + " take the token out of its tokenizer";
  }
}
