package io.cria.cli;

import java.util.Map;

/**
 * What a command writes to, as the launcher found it.
 *
 * @param out whether standard output is a terminal
 * @param err whether standard error is one
 * @param columns of the terminal; what is no terminal has no edge
 * @param paint for standard output
 * @param errPaint for standard error
 */
record Terminal(boolean out, boolean err, int columns, Paint paint, Paint errPaint) {
  private static final int USUAL = 80;
  private static final int LEAST = 20;

  static Terminal of(ColourWhen when, Map<String, String> environment) {
    boolean out = Boolean.getBoolean("cria.terminal.out");
    boolean err = Boolean.getBoolean("cria.terminal");
    return new Terminal(
        out,
        err,
        width(),
        new Paint(when.colours(out, environment)),
        new Paint(when.colours(err, environment)));
  }

  /** Columns of the terminal; as many as are usual where nothing tells them. */
  static int width() {
    int told = Integer.getInteger("cria.columns", USUAL);
    return told == 0 ? USUAL : Math.max(LEAST, told);
  }

  /** The columns that standard output has: no end where it is no terminal. */
  int edge() {
    return out ? columns : Integer.MAX_VALUE;
  }
}
