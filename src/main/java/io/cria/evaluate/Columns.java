package io.cria.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Lines of cells, the first of each to the left, figures to the right, two spaces between. */
final class Columns {
  private final List<List<String>> lines = new ArrayList<>();

  Columns(String... head) {
    lines.add(List.of(head));
  }

  void add(Object... cells) {
    lines.add(Arrays.stream(cells).map(String::valueOf).toList());
  }

  boolean isEmpty() {
    return lines.size() == 1;
  }

  /** Each line ends with {@code \n}. */
  String render() {
    int[] widths = new int[lines.get(0).size()];
    for (List<String> line : lines) {
      for (int i = 0; i < line.size(); i++) {
        widths[i] = Math.max(widths[i], width(line.get(i)));
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> line : lines) {
      StringBuilder row = new StringBuilder("  ");
      for (int i = 0; i < line.size(); i++) {
        String padding = " ".repeat(widths[i] - width(line.get(i)));
        row.append(i == 0 ? line.get(i) + padding : padding + line.get(i)).append("  ");
      }
      text.append(row.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }

  private static int width(String cell) {
    return cell.codePointCount(0, cell.length());
  }
}
