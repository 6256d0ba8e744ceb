package io.cria.cli;

import java.util.Locale;
import java.util.Map;

/** When to colour what is written; lower case on the command line. */
enum ColourWhen {
  /** On a terminal, unless NO_COLOR is set or the terminal knows no colours. */
  AUTO,
  ALWAYS,
  NEVER;

  private static final String OPTION = "--color";

  /**
   * Whether a stream is coloured.
   *
   * @param terminal whether it is one
   */
  boolean colours(boolean terminal, Map<String, String> environment) {
    boolean wanted = environment.getOrDefault("NO_COLOR", "").isEmpty();
    boolean able = !"dumb".equals(environment.get("TERM"));
    return this == ALWAYS || (this == AUTO && terminal && wanted && able);
  }

  /** What arguments say of it that are not parsed yet: help and errors are coloured, too. */
  static ColourWhen in(String... args) {
    ColourWhen when = AUTO;
    for (int i = 0; i < args.length; i++) {
      String word = "";
      if (args[i].startsWith(OPTION + "=")) {
        word = args[i].substring(OPTION.length() + 1);
      } else if (args[i].equals(OPTION) && i + 1 < args.length) {
        word = args[i + 1];
      } else if (args[i].equals("--")) {
        return when;
      }
      for (ColourWhen each : values()) {
        when = each.name().equals(word.toUpperCase(Locale.ROOT)) ? each : when;
      }
    }
    return when;
  }
}
