package io.cria.cli;

/**
 * Colours texts for a terminal, or leaves them as they are.
 *
 * @param on whether it colours
 */
record Paint(boolean on) {
  static final Paint NONE = new Paint(false);

  private static final String RESET = "\u001b[0m";

  String bold(String text) {
    return in("1", text);
  }

  /** For what stands beside the matter. */
  String faint(String text) {
    return in("2", text);
  }

  /** For what went wrong. */
  String red(String text) {
    return in("1;31", text);
  }

  String green(String text) {
    return in("32", text);
  }

  String yellow(String text) {
    return in("33", text);
  }

  /** For what two texts have in common. */
  String marked(String text) {
    return in("1;36", text);
  }

  private String in(String code, String text) {
    return on && !text.isEmpty() ? "\u001b[" + code + "m" + text + RESET : text;
  }
}
