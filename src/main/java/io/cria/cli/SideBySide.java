package io.cria.cli;

import io.cria.similarity.CommonWords;
import io.cria.text.Tokenizer;
import java.util.BitSet;
import java.util.List;

/**
 * Two similar texts for reading: beside each other where the terminal is wide enough, else below
 * each other. What they have in common in this order, by which the similarity rule counts, is
 * marked: in colour, else between brackets as {@code cria masks} has them.
 */
final class SideBySide {
  /** Two columns that can be read. */
  static final int WIDE = 100;

  private static final String GAP = " │ ";
  private static final String OPEN = "⟦";
  private static final String CLOSE = "⟧";

  private final Terminal terminal;
  private final Tokenizer tokenizer;

  /**
   * @param tokenizer of the run's similarity rule
   */
  SideBySide(Terminal terminal, Tokenizer tokenizer) {
    this.terminal = terminal;
    this.tokenizer = tokenizer;
  }

  /**
   * Both texts, each line with its end.
   *
   * @param between told of the two, in a line of its own
   */
  String of(String text, String between, String other) {
    CommonWords words = CommonWords.of(text, other, tokenizer);
    Marked left = Marked.of(words.left(), terminal.paint());
    Marked right = Marked.of(words.right(), terminal.paint());
    StringBuilder shown = new StringBuilder();
    if (terminal.edge() == Integer.MAX_VALUE || terminal.columns() < WIDE) {
      left.lines(terminal.edge()).forEach(line -> shown.append(line.text()).append('\n'));
      shown.append("  ").append(between).append('\n');
      right
          .lines(terminal.edge() - 2)
          .forEach(line -> shown.append("  ").append(line.text()).append('\n'));
      return shown.toString();
    }
    int width = (terminal.columns() - GAP.length()) / 2;
    List<Line> lefts = left.lines(width);
    List<Line> rights = right.lines(width);
    for (int i = 0; i < Math.max(lefts.size(), rights.size()); i++) {
      Line one = i < lefts.size() ? lefts.get(i) : Line.EMPTY;
      Line two = i < rights.size() ? rights.get(i) : Line.EMPTY;
      String row = one.text() + " ".repeat(width - one.columns()) + GAP + two.text();
      shown.append(row.stripTrailing()).append('\n');
    }
    return shown.append("  ").append(between).append('\n').toString();
  }

  private record Line(String text, int columns) {
    static final Line EMPTY = new Line("", 0);
  }

  /**
   * A text with what is marked of it.
   *
   * @param marked chars to be coloured; brackets are part of the text
   */
  private record Marked(String text, BitSet marked, Paint paint) {
    static Marked of(List<CommonWords.Piece> pieces, Paint paint) {
      StringBuilder text = new StringBuilder();
      BitSet marked = new BitSet();
      boolean open = false;
      for (int i = 0; i < pieces.size(); i++) {
        CommonWords.Piece piece = pieces.get(i);
        // a stretch goes on over the spaces between two words of it
        boolean between =
            open && piece.text().isBlank() && i + 1 < pieces.size() && pieces.get(i + 1).common();
        boolean common = piece.common() || between;
        String shown = Visible.of(piece.text());
        if (common != open && !paint.on()) {
          text.append(common ? OPEN : CLOSE);
        }
        open = common;
        if (common) {
          marked.set(text.length(), text.length() + shown.length());
        }
        text.append(shown);
      }
      text.append(open && !paint.on() ? CLOSE : "");
      return new Marked(text.toString(), marked, paint);
    }

    List<Line> lines(int columns) {
      return DisplayWidth.lines(text, columns).stream()
          .map(
              each ->
                  new Line(
                      painted(each[0], each[1]), DisplayWidth.of(text.substring(each[0], each[1]))))
          .toList();
    }

    private String painted(int from, int to) {
      if (!paint.on()) {
        return text.substring(from, to);
      }
      StringBuilder shown = new StringBuilder();
      int at = from;
      while (at < to) {
        boolean common = marked.get(at);
        int end = common ? marked.nextClearBit(at) : marked.nextSetBit(at);
        end = end < 0 || end > to ? to : end;
        String run = text.substring(at, end);
        shown.append(common ? paint.marked(run) : run);
        at = end;
      }
      return shown.toString();
    }
  }
}
