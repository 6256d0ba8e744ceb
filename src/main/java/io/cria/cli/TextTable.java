package io.cria.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows as a table for a person: a head, a rule, one line a row. */
final class TextTable {
  static final int MAX_CELL = 60;

  private final List<String> head;
  private final List<List<String>> rows = new ArrayList<>();
  private final int maxCell;

  /**
   * @param maxCell characters of a cell; longer ones are cut and end in an ellipsis
   */
  TextTable(List<String> head, int maxCell) {
    this.head = List.copyOf(head);
    this.maxCell = maxCell;
  }

  void add(List<@Nullable String> cells) {
    rows.add(cells.stream().map(this::shown).toList());
  }

  private String shown(@Nullable String cell) {
    return cell == null ? "NULL" : cut(oneLine(cell), maxCell);
  }

  /** Line breaks and tabs as they are escaped in program texts. */
  static String oneLine(String text) {
    return text.replace("\r", "\\r").replace("\n", "\\n").replace("\t", "\\t");
  }

  /** At most {@code most} code points, the last an ellipsis when the text is longer. */
  static String cut(String text, int most) {
    return text.codePointCount(0, text.length()) <= most
        ? text
        : text.substring(0, text.offsetByCodePoints(0, most - 1)) + "…";
  }

  /** Lines that each end with {@code \n}. */
  String render() {
    int[] widths = new int[head.size()];
    widen(widths, head);
    rows.forEach(row -> widen(widths, row));
    StringBuilder text = new StringBuilder();
    line(text, widths, head);
    for (int width : widths) {
      text.append("-".repeat(width)).append("  ");
    }
    end(text);
    rows.forEach(row -> line(text, widths, row));
    return text.toString();
  }

  private static void widen(int[] widths, List<String> cells) {
    for (int i = 0; i < widths.length; i++) {
      widths[i] = Math.max(widths[i], width(cells.get(i)));
    }
  }

  private static int width(String cell) {
    return cell.codePointCount(0, cell.length());
  }

  private static void line(StringBuilder text, int[] widths, List<String> cells) {
    for (int i = 0; i < widths.length; i++) {
      text.append(cells.get(i)).append(" ".repeat(widths[i] - width(cells.get(i)) + 2));
    }
    end(text);
  }

  private static void end(StringBuilder text) {
    while (!text.isEmpty() && text.charAt(text.length() - 1) == ' ') {
      text.setLength(text.length() - 1);
    }
    text.append('\n');
  }
}
