package io.cria.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.config.ConfigKey;
import io.cria.config.ConfigSchema;
import io.cria.config.NearestWord;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cria config [KEY]}: the keys of run files, as their records tell them. */
@Command(
    description = {
      "Tells what a key of a run file means, its type and default, and whether it may",
      "change from one invocation to the next. Without KEY, all keys of a kind."
    },
    footer = {
      "",
      "Examples:",
      "  cria config limits.inFlight",
      "  cria config caps --kind run",
      "  cria config --kind sft",
      "  cria config --kind evaluate --format schema > evaluate.schema.json"
    })
final class ConfigCommand extends CriaCommand {
  /** The file that {@code --format markdown} writes. */
  static final String PAGE = "configuration.md";

  private static final ObjectMapper JSON = new ObjectMapper();

  @Parameters(
      arity = "0..1",
      paramLabel = "KEY",
      description = "A dotted key or section, such as limits.inFlight or answerers.small.endpoint.")
  @Nullable String key;

  @Option(
      names = "--kind",
      paramLabel = "KIND",
      description =
          "Kind of file: run, judge, evaluate, sft or prices. Without it all that have KEY; run"
              + " without KEY.")
  @Nullable RunFileKind kind;

  @Option(
      names = "--format",
      defaultValue = "text",
      paramLabel = "FORMAT",
      description =
          "text, json (a list of keys), schema (JSON Schema for editors) or markdown (the page of"
              + " all kinds); ${DEFAULT-VALUE} is the default.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  Format format;

  @Option(
      names = "--write",
      paramLabel = "DIR",
      description =
          "Writes the schemas of all kinds, or " + PAGE + ", into this folder, over what is there.")
  @Nullable Path folder;

  /** Forms of the answer. */
  enum Format {
    TEXT,
    JSON,
    SCHEMA,
    MARKDOWN
  }

  @Override
  ExitCode run() {
    requireFitting();
    switch (format) {
      case TEXT -> out().print(key == null ? ConfigText.of(chosen()) : told(key));
      case JSON -> out().println(json());
      case SCHEMA -> schemas();
      case MARKDOWN -> write(PAGE, ConfigPage.text());
    }
    return ExitCode.DONE;
  }

  private void requireFitting() {
    boolean isFile = format == Format.SCHEMA || format == Format.MARKDOWN;
    if (isFile && key != null) {
      throw CriaException.badInput(
          "KEY goes with --format text and json: a schema or the page has all keys, leave KEY out");
    }
    if (folder != null && !isFile) {
      throw CriaException.badInput("--write goes with --format schema and markdown: add one");
    }
    if (kind != null && (format == Format.MARKDOWN || folder != null)) {
      throw CriaException.badInput(
          "--kind: the page, and the schemas that are written, are of all kinds: leave it out");
    }
  }

  private RunFileKind chosen() {
    return kind == null ? RunFileKind.RUN : kind;
  }

  private List<RunFileKind> kinds() {
    return kind == null ? List.of(RunFileKind.values()) : List.of(kind);
  }

  /** A key in all kinds that have it; those that say the same of it are told together. */
  private String told(String name) {
    Map<ConfigKey, List<RunFileKind>> found = new LinkedHashMap<>();
    found(name, (key, of) -> found.computeIfAbsent(key, one -> new ArrayList<>()).add(of));
    return String.join(
        "\n", found.entrySet().stream().map(e -> ConfigText.of(e.getKey(), e.getValue())).toList());
  }

  private void found(String name, BiConsumer<ConfigKey, RunFileKind> action) {
    boolean isFound = false;
    for (RunFileKind each : kinds()) {
      Optional<ConfigKey> key = each.all().filter(one -> isMeant(one.path(), name)).findFirst();
      key.ifPresent(one -> action.accept(one, each));
      isFound |= key.isPresent();
    }
    if (!isFound) {
      throw unknown(name);
    }
  }

  private static boolean isMeant(String path, String name) {
    String form =
        Stream.of(path.split("\\.", -1))
            .map(
                word ->
                    word.equals(ConfigKey.NAME)
                        ? "[^.]+"
                        : word.endsWith("[]")
                            ? Pattern.quote(word.substring(0, word.length() - 2)) + "(\\[\\d*])?"
                            : Pattern.quote(word))
            .reduce((a, b) -> a + "\\." + b)
            .orElseThrow();
    return name.matches(form);
  }

  private CriaException unknown(String name) {
    List<ConfigKey> keys = kinds().stream().flatMap(RunFileKind::all).toList();
    Optional<String> near =
        keys.stream()
            .filter(each -> each.name().equalsIgnoreCase(name))
            .map(ConfigKey::path)
            .findFirst()
            .or(() -> NearestWord.of(name, keys.stream().map(ConfigKey::path).toList()));
    return CriaException.badInput(
        "unknown key '"
            + name
            + "'"
            + (kind == null ? "" : " of the kind " + kind.word())
            + ": "
            + near.map(path -> "did you mean '" + path + "'?")
                .orElse("cria config --kind KIND lists all"));
  }

  private String json() {
    List<ObjectNode> rows = new ArrayList<>();
    if (key == null) {
      chosen().all().forEach(each -> rows.add(row(each, chosen())));
    } else {
      found(key, (one, of) -> one.all().forEach(each -> rows.add(row(each, of))));
    }
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(rows);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("keys are always JSON", e);
    }
  }

  private static ObjectNode row(ConfigKey key, RunFileKind kind) {
    ObjectNode row = JSON.createObjectNode();
    row.put("kind", kind.word()).put("key", key.path()).put("meaning", key.meaning());
    row.put("type", key.values()).put("required", key.isNeeded());
    row.set("default", key.standard());
    row.put("may_change", key.mayChange());
    return row;
  }

  private void schemas() {
    if (folder == null) {
      out().print(schema(chosen()));
      return;
    }
    for (RunFileKind each : RunFileKind.values()) {
      write(schemaFile(each), schema(each));
    }
  }

  private static String schema(RunFileKind kind) {
    return ConfigSchema.of(kind.title(), kind.keys());
  }

  /** The file of a kind's schema. */
  static String schemaFile(RunFileKind kind) {
    return kind.word() + ".schema.json";
  }

  private void write(String name, String text) {
    if (folder == null) {
      out().print(text);
      return;
    }
    Path file = folder.resolve(name);
    try {
      Files.createDirectories(folder);
      Files.writeString(file, text);
    } catch (IOException e) {
      throw CriaException.badInput(
          file + ": cannot be written (" + e.getMessage() + "): give another --write");
    }
    say("written: " + file);
  }
}
