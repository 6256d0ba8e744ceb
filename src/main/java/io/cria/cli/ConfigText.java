package io.cria.cli;

import io.cria.config.ConfigKey;
import java.util.List;

/** Keys of run files for a person at a terminal of 80 columns. */
final class ConfigText {
  private static final int WIDTH = 80;
  private static final String STAYS = "*";

  private ConfigText() {}

  /** All keys of a kind. */
  static String of(RunFileKind kind) {
    StringBuilder text = new StringBuilder();
    boolean stays = kind.all().anyMatch(key -> !key.mayChange());
    wrap(
        text,
        "",
        kind.title()
            + " ("
            + kind.use()
            + ")."
            + (stays
                ? " What is marked "
                    + STAYS
                    + " stays as it is in one directory; all else may"
                    + " change from one invocation to the next."
                : ""));
    text.append('\n');
    kind.toldOnce().forEach(key -> line(text, key));
    return text.toString();
  }

  /**
   * One key, and what is below it.
   *
   * @param kinds whose files have it, with just these properties
   */
  static String of(ConfigKey key, List<RunFileKind> kinds) {
    StringBuilder text = new StringBuilder(key.path()).append('\n');
    wrap(text, "  ", key.meaning() + ".");
    wrap(text, "  ", "type: " + key.values());
    if (key.isNeeded()) {
      wrap(text, "  ", "must be given");
    } else {
      wrap(text, "  ", "default: " + (key.told().isEmpty() ? "none" : key.told()));
    }
    wrap(
        text,
        "  ",
        key.mayChange()
            ? "may change from one invocation to the next"
            : "stays as it is in one directory");
    wrap(text, "  ", "in: " + String.join(", ", kinds.stream().map(RunFileKind::word).toList()));
    List<ConfigKey> below = key.below().stream().flatMap(ConfigKey::all).toList();
    if (!below.isEmpty()) {
      text.append('\n');
      below.forEach(each -> line(text, each));
    }
    return text.toString();
  }

  private static void line(StringBuilder text, ConfigKey key) {
    wrap(text, key.mayChange() ? "  " : STAYS + " ", key.path() + standard(key));
    wrap(text, "      ", key.meaning() + ".");
  }

  private static String standard(ConfigKey key) {
    if (key.isNeeded()) {
      return " (must be given)";
    }
    if (key.standard() != null) {
      return " = " + key.told();
    }
    return key.otherwise().isEmpty() ? "" : " (" + key.otherwise() + ")";
  }

  /** Words on lines that each begin with the indentation. */
  private static void wrap(StringBuilder text, String indentation, String words) {
    text.append(WordWrap.paragraph(indentation, indentation, words, WIDTH)).append('\n');
  }
}
