package io.cria.similarity;

import io.cria.text.Tokenizer;
import java.util.Arrays;

/** Turns texts into token ids, one at a time, in a buffer that is reused. Not thread-safe. */
final class Encoder {
  private final Tokenizer tokenizer;
  private final Tokenizer.Sink sink;
  private int[] tokens = new int[64];
  private int length;

  /**
   * @param adding whether new tokens get ids; otherwise they are -1, and encoders may run in
   *     parallel
   */
  Encoder(Tokenizer tokenizer, TokenDictionary dictionary, boolean adding) {
    this.tokenizer = tokenizer;
    this.sink =
        adding
            ? (buffer, start, end) -> push(dictionary.add(buffer, start, end))
            : (buffer, start, end) -> push(dictionary.find(buffer, start, end));
  }

  /** Fills {@link #tokens()}[0, {@link #length()}). */
  void encode(String text) {
    length = 0;
    tokenizer.scan(text, sink);
  }

  int[] tokens() {
    return tokens;
  }

  int length() {
    return length;
  }

  private void push(int token) {
    if (length == tokens.length) {
      tokens = Arrays.copyOf(tokens, length * 2);
    }
    tokens[length++] = token;
  }
}
