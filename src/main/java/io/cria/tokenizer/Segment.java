package io.cria.tokenizer;

import java.util.List;

/**
 * A part of a training example that is learnt or not as a whole, and encoded by itself: so the
 * tokens before an answer are those that generation starts from ({@link
 * ModelTokenizer#encodeSegments}).
 *
 * @param pieces its text
 * @param learnt whether the loss counts its tokens
 */
public record Segment(List<TextPiece> pieces, boolean learnt) {
  public Segment {
    pieces = List.copyOf(pieces);
  }

  static Segment context(TextPiece... pieces) {
    return new Segment(List.of(pieces), false);
  }

  static Segment answer(String text, String end) {
    return new Segment(List.of(TextPiece.user(text), TextPiece.layout(end)), true);
  }

  /** The text, as a reader sees it. */
  public String text() {
    StringBuilder text = new StringBuilder();
    pieces.forEach(piece -> text.append(piece.text()));
    return text.toString();
  }
}
