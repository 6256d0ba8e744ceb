package io.cria.cli;

import io.cria.config.ConfigKey;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The page docs/configuration.md: all keys by kind of file. */
final class ConfigPage {
  private ConfigPage() {}

  static String text() {
    StringBuilder page = new StringBuilder();
    page.append(
        """
        # Configuration

        All keys of all YAML files that you write. This page, the schemas in `conf/schema` and what `cria config` says are
        made from the program itself; `scripts/cria config KEY` tells one key, `scripts/cria config --kind KIND` all of a kind.
        An unknown key is an error that names the nearest known one. Relative names are taken from the file's own folder.

        Most commands set a key from the command line: `--set limits.inFlight=8`. What *may change* differs from one invocation
        to the next as you like; the other keys decide what a directory holds, and a command with others is refused there.

        Editors with the YAML language server check a file, complete its keys and show their meaning when its first line
        names the schema, as in the files of `conf/`:

        ```
        # yaml-language-server: $schema=schema/run.schema.json
        ```
        """);
    for (RunFileKind kind : RunFileKind.values()) {
      append(page, kind);
    }
    return page.toString();
  }

  private static void append(StringBuilder page, RunFileKind kind) {
    List<ConfigKey> keys = kind.toldOnce();
    boolean stays = keys.stream().anyMatch(key -> !key.mayChange());
    page.append("\n## ")
        .append(kind.title())
        .append("\n\n`")
        .append(kind.use())
        .append("`; kind `");
    page.append(kind.word()).append("`.\n\n");
    row(page, Stream.of("key", "type", "default", stays ? "may change" : null, "meaning"));
    row(page, Stream.of("---", "---", "---", stays ? "---" : null, "---"));
    for (ConfigKey key : keys) {
      row(
          page,
          Stream.of(
              code(key.path()),
              cell(key.values()),
              standard(key),
              !stays ? null : key.mayChange() ? "yes" : "no",
              cell(key.meaning())));
    }
  }

  private static String standard(ConfigKey key) {
    if (key.isNeeded()) {
      return "must be given";
    }
    return key.standard() == null ? cell(key.otherwise()) : code(key.told());
  }

  private static String code(String text) {
    return text.isEmpty() ? "" : "`" + cell(text) + "`";
  }

  private static String cell(String text) {
    return text.replace("|", "\\|");
  }

  private static void row(StringBuilder page, Stream<String> cells) {
    page.append(
        cells.filter(cell -> cell != null).collect(Collectors.joining(" | ", "| ", " |\n")));
  }
}
