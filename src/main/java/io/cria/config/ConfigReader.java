package io.cria.config;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Reads a YAML file into a configuration record.
 *
 * <p>Unknown keys, wrong types and values that a record refuses are {@link ConfigException}s with
 * file, line and key. Overrides ({@code key.sub=value}, the value read as YAML) are laid over the
 * file before it is bound.
 */
public final class ConfigReader {
  private static final ObjectMapper YAML =
      strict(
          new ObjectMapper(
              new YAMLFactory().enable(YAMLParser.Feature.PARSE_BOOLEAN_LIKE_WORDS_AS_STRINGS)));

  private ConfigReader() {}

  private static ObjectMapper strict(ObjectMapper mapper) {
    mapper
        .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
        .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
        .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
        .setConfig(
            mapper.getDeserializationConfig().without(MapperFeature.ALLOW_COERCION_OF_SCALARS));
    mapper
        .coercionConfigFor(LogicalType.Textual)
        .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
    return mapper;
  }

  /**
   * Reads {@code file} as a {@code type}, with overrides.
   *
   * @param overrides dotted key to YAML value, applied in order
   * @throws ConfigException when the file is absent, is no YAML, or does not fit the record
   */
  public static <T> T read(Path file, Class<T> type, Map<String, String> overrides) {
    return parse(text(file), file.toString(), type, overrides);
  }

  /**
   * As {@link #read}, from text.
   *
   * @param name the file's name, for messages
   */
  public static <T> T parse(
      String text, String name, Class<T> type, Map<String, String> overrides) {
    if (overrides.isEmpty()) {
      return bindFile(text, name, type);
    }
    ObjectNode tree = tree(text, name);
    overrides.forEach((key, yaml) -> put(tree, key, yaml));
    try {
      return bindTree(tree, type);
    } catch (ConfigException e) {
      // the file's own fault has a line; only what the overrides brought is theirs
      bindFile(text, name, type);
      throw e;
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (java.nio.file.NoSuchFileException e) {
      throw new ConfigException(file + ": no such file: give the path of a configuration");
    } catch (IOException e) {
      throw new ConfigException(file + ": cannot be read (" + e.getMessage() + ")");
    }
  }

  private static <T> T bindFile(String text, String file, Class<T> type) {
    try {
      ObjectNode unused = tree(text, file);
      return YAML.readValue(text, type);
    } catch (JsonProcessingException e) {
      throw explained(
          e,
          where(file, e instanceof JsonMappingException m ? location(text, m) : e.getLocation()));
    }
  }

  /**
   * Where the key stands that the exception names: the parser itself is further on when it throws.
   */
  private static JsonLocation location(String text, JsonMappingException e) {
    JsonPointer wanted = JsonPointer.empty();
    for (JsonMappingException.Reference step : e.getPath()) {
      wanted =
          step.getFieldName() != null
              ? wanted.appendProperty(step.getFieldName())
              : wanted.appendIndex(step.getIndex());
    }
    try (JsonParser parser = YAML.createParser(text)) {
      while (parser.nextToken() != null) {
        if (parser.getParsingContext().pathAsPointer().equals(wanted)) {
          return parser.currentTokenLocation();
        }
      }
    } catch (IOException unreadable) {
      e.addSuppressed(unreadable);
    }
    return e.getLocation();
  }

  private static <T> T bindTree(ObjectNode tree, Class<T> type) {
    try {
      return YAML.treeToValue(tree, type);
    } catch (JsonProcessingException e) {
      throw explained(e, "--set");
    }
  }

  /** The file's keys; a file without any is told here, in better words than the binding has. */
  private static ObjectNode tree(String text, String file) {
    try {
      if (YAML.readTree(text) instanceof ObjectNode object) {
        return object;
      }
      throw new ConfigException(file + ": this has no keys: fill it as the examples in conf/");
    } catch (JsonProcessingException e) {
      throw explained(e, where(file, e.getLocation()));
    }
  }

  private static void put(ObjectNode tree, String key, String yaml) {
    String[] path = key.split("\\.", -1);
    ObjectNode node = tree;
    for (int i = 0; i < path.length - 1; i++) {
      JsonNode child = node.get(path[i]);
      if (child != null && !child.isObject() && !child.isNull()) {
        throw new ConfigException("--set " + key + ": " + path[i] + " has no keys below it");
      }
      node = child instanceof ObjectNode object ? object : node.putObject(path[i]);
    }
    try {
      node.set(path[path.length - 1], YAML.readTree(yaml.isEmpty() ? "\"\"" : yaml));
    } catch (JsonProcessingException e) {
      throw new ConfigException(
          "--set " + key + ": the value is not YAML: " + e.getOriginalMessage());
    }
  }

  private static String where(String file, JsonLocation location) {
    return location == null || location.getLineNr() < 1 ? file : file + ":" + location.getLineNr();
  }

  private static ConfigException explained(JsonProcessingException e, String where) {
    if (e instanceof UnrecognizedPropertyException unknown) {
      String key = unknown.getPropertyName();
      Collection<Object> known = unknown.getKnownPropertyIds();
      return new ConfigException(
          where + ": unknown key '" + path(unknown) + "': " + remedy(key, known));
    }
    if (e instanceof JsonMappingException mapping) {
      Throwable cause = rootCause(mapping);
      String key = path(mapping);
      String what =
          cause instanceof IllegalArgumentException || cause instanceof io.cria.task.CriaException
              ? String.valueOf(cause.getMessage())
              : firstLine(mapping.getOriginalMessage());
      return new ConfigException(where + (key.isEmpty() ? "" : ": " + key) + ": " + what);
    }
    return new ConfigException(where + ": this is not YAML: " + firstLine(e.getOriginalMessage()));
  }

  private static Throwable rootCause(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  private static String firstLine(String message) {
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }

  private static String path(JsonMappingException e) {
    StringBuilder path = new StringBuilder();
    for (JsonMappingException.Reference step : e.getPath()) {
      if (step.getFieldName() != null) {
        path.append(path.isEmpty() ? "" : ".").append(step.getFieldName());
      } else {
        path.append('[').append(step.getIndex()).append(']');
      }
    }
    return path.toString();
  }

  private static String remedy(String key, Collection<Object> known) {
    return known.stream()
        .map(String::valueOf)
        .min(
            Comparator.comparingInt((String name) -> editDistance(key, name))
                .thenComparing(name -> name))
        .filter(name -> editDistance(key, name) <= Math.max(2, name.length() / 2))
        .map(name -> "did you mean '" + name + "'?")
        .orElseGet(
            () ->
                "known here are "
                    + known.stream()
                        .map(String::valueOf)
                        .sorted()
                        .collect(Collectors.joining(", ")));
  }

  /** Levenshtein distance, case ignored. */
  static int editDistance(String a, String b) {
    String x = a.toLowerCase(java.util.Locale.ROOT);
    String y = b.toLowerCase(java.util.Locale.ROOT);
    int[] row = new int[y.length() + 1];
    for (int j = 0; j <= y.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= x.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= y.length(); j++) {
        int substituted = diagonal + (x.charAt(i - 1) == y.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[y.length()];
  }
}
