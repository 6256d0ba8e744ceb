package io.cria.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows as a table for a person: a head, a rule, one line a row. */
final class TextTable {
  static final int MAX_CELL = 60;

  /** A narrower column tells nothing. */
  private static final int LEAST = 6;

  private static final int GAP = 2;

  private final List<String> head;
  private final List<List<String>> rows = new ArrayList<>();
  private final int maxCell;

  /**
   * @param maxCell columns of a cell; longer ones are cut and end in an ellipsis
   */
  TextTable(List<String> head, int maxCell) {
    this.head = List.copyOf(head);
    this.maxCell = maxCell;
  }

  void add(List<@Nullable String> cells) {
    rows.add(cells.stream().map(this::shown).toList());
  }

  private String shown(@Nullable String cell) {
    return cell == null ? "NULL" : DisplayWidth.cut(oneLine(cell), maxCell);
  }

  /** Line breaks and tabs as they are escaped in program texts; other controls by signs. */
  static String oneLine(String text) {
    return Visible.of(text.replace("\r", "\\r").replace("\n", "\\n").replace("\t", "\\t"));
  }

  /** At most {@code most} code points, the last an ellipsis when the text is longer. */
  static String cut(String text, int most) {
    return text.codePointCount(0, text.length()) <= most
        ? text
        : text.substring(0, text.offsetByCodePoints(0, most - 1)) + "…";
  }

  /** Lines that each end with {@code \n}. */
  String render() {
    return render(Integer.MAX_VALUE, Paint.NONE);
  }

  /**
   * As {@link #render()}, the widest cells cut so that lines end before the edge, as far as
   * possible.
   */
  String render(int edge, Paint paint) {
    int[] widths = fitted(widths(), edge);
    StringBuilder text = new StringBuilder();
    text.append(paint.bold(line(widths, head))).append('\n');
    text.append(line(widths, Arrays.stream(widths).mapToObj("-"::repeat).toList())).append('\n');
    rows.forEach(row -> text.append(line(widths, row)).append('\n'));
    return text.toString();
  }

  /** Whether its lines can end before the edge with something to be read in each column. */
  boolean fits(int edge) {
    return total(Arrays.stream(widths()).map(width -> Math.min(width, LEAST)).toArray()) <= edge;
  }

  private int[] widths() {
    int[] widths = new int[head.size()];
    widen(widths, head);
    rows.forEach(row -> widen(widths, row));
    return widths;
  }

  private static void widen(int[] widths, List<String> cells) {
    for (int i = 0; i < widths.length; i++) {
      widths[i] = Math.max(widths[i], DisplayWidth.of(cells.get(i)));
    }
  }

  private static long total(int... widths) {
    return Arrays.stream(widths).asLongStream().sum() + (long) GAP * (widths.length - 1);
  }

  /** The widest columns give, all to the same width. */
  private static int[] fitted(int[] widths, int edge) {
    int most = Arrays.stream(widths).max().orElse(0);
    int[] fitted = widths;
    while (total(fitted) > edge && most > LEAST) {
      most--;
      int bound = most;
      fitted = Arrays.stream(widths).map(width -> Math.min(width, bound)).toArray();
    }
    // what is left of the line goes to the first of those that gave
    for (int i = 0; i < fitted.length && total(fitted) < edge; i++) {
      fitted[i] += fitted[i] < widths[i] ? 1 : 0;
    }
    return fitted;
  }

  private static String line(int[] widths, List<String> cells) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String cell = DisplayWidth.cut(cells.get(i), widths[i]);
      text.append(DisplayWidth.padded(cell, widths[i] + GAP));
    }
    return text.toString().stripTrailing();
  }
}
