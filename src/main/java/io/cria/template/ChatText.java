package io.cria.template;

import java.util.ArrayList;
import java.util.List;

/**
 * A rendered chat, or a part of one, that knows which control texts in it were written by somebody
 * and which the template has put: one that was written has a mark after its first character.
 *
 * @param marked the text with its marks
 * @param mark the mark
 */
public record ChatText(String marked, char mark) {
  /**
   * A piece of the text.
   *
   * @param written whether a control token that begins here is nothing but letters
   */
  public record Piece(String text, boolean written) {}

  /** The text as a reader sees it. */
  public String plain() {
    return marked.replace(String.valueOf(mark), "");
  }

  /** The text with {@code between} in place of each mark: written control texts fall apart. */
  public String with(String between) {
    return marked.replace(String.valueOf(mark), between);
  }

  /** A part of the text. */
  public ChatText part(int start, int end) {
    return new ChatText(marked.substring(start, end), mark);
  }

  /**
   * The text in pieces, none empty; the first character of each written control text is one by
   * itself, so that no piece which is the template's holds a control text somebody has written.
   */
  public List<Piece> pieces() {
    List<Piece> pieces = new ArrayList<>();
    int from = 0;
    for (int at = marked.indexOf(mark); at >= 0; at = marked.indexOf(mark, at + 1)) {
      // Templates that cut texts may leave a mark at the very beginning.
      int start = at == from ? at : marked.offsetByCodePoints(at, -1);
      add(pieces, marked.substring(from, start), false);
      add(pieces, marked.substring(start, at), true);
      from = at + 1;
    }
    add(pieces, marked.substring(from), false);
    return pieces;
  }

  private static void add(List<Piece> pieces, String text, boolean written) {
    if (!text.isEmpty()) {
      pieces.add(new Piece(text, written));
    }
  }
}
