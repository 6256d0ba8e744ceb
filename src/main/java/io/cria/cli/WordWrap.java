package io.cria.cli;

import java.util.stream.Collectors;

/** Text broken between words, so that lines end before an edge; a longer word stays whole. */
final class WordWrap {
  private static final String HANGING = "  ";

  private WordWrap() {}

  /**
   * One paragraph, without a line break at its end.
   *
   * @param first what its first line begins with
   * @param further what the other lines begin with
   */
  static String paragraph(String first, String further, String words, int columns) {
    StringBuilder text = new StringBuilder();
    String before = first;
    int column = 0;
    for (String word : words.split(" ", -1)) {
      int width = DisplayWidth.of(word);
      if (column > 0 && column + 1 + width > columns) {
        text.append('\n');
        before = further;
        column = 0;
      }
      String gap = column == 0 ? before : " ";
      text.append(gap).append(word);
      column += gap.length() + width;
    }
    return text.toString();
  }

  /**
   * Each line as a paragraph, what follows in it indented; a line of a table, which has spaces side
   * by side, stays as it is.
   */
  static String lines(String text, int columns) {
    return text.lines()
        .map(line -> line.contains("  ") ? line : paragraph("", HANGING, line, columns))
        .collect(Collectors.joining("\n", "", "\n"));
  }
}
