package io.cria.tokenizer;

/**
 * A piece of text to encode.
 *
 * @param text the piece
 * @param fromLayout whether a layout put it there, so that control tokens written in it count; in a
 *     user's text they are letters like any others
 */
public record TextPiece(String text, boolean fromLayout) {
  public static TextPiece layout(String text) {
    return new TextPiece(text, true);
  }

  public static TextPiece user(String text) {
    return new TextPiece(text, false);
  }
}
