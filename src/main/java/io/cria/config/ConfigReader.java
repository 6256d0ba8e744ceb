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
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import io.cria.task.UserText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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
    try {
      return YAML.treeToValue(laidOver(tree(text, name), overrides), type);
    } catch (JsonProcessingException e) {
      throw culprit(e, text, name, type, overrides);
    }
  }

  /**
   * What a file with these keys is read into.
   *
   * @throws IllegalStateException when it does not fit
   */
  static <T> T bind(ObjectNode keys, Class<T> type) {
    try {
      return YAML.treeToValue(keys, type);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(keys + " is no " + type.getSimpleName(), e);
    }
  }

  /**
   * Whose fault it is that a file with overrides does not bind: of the override without which it
   * would; else the file's own, which has a line; else of the first override with which it does not
   * bind any more.
   */
  private static <T> ConfigException culprit(
      JsonProcessingException e,
      String text,
      String name,
      Class<T> type,
      Map<String, String> overrides) {
    List<String> keys = new ArrayList<>(overrides.keySet());
    for (int last = keys.size() - 1; last >= 0; last--) {
      Map<String, String> others = new LinkedHashMap<>(overrides);
      others.remove(keys.get(last));
      ObjectNode tree = laidOver(tree(text, name), others);
      if (fault(tree, type).isEmpty()) {
        ConfigFault fault = ConfigFault.of(e, laidOver(tree(text, name), overrides));
        return ConfigException.ofOverride(keys.get(last), fault.ofOverride(keys.get(last)));
      }
    }
    T unused = bindFile(text, name, type);
    ObjectNode tree = tree(text, name);
    for (Map.Entry<String, String> override : overrides.entrySet()) {
      put(tree, override.getKey(), override.getValue());
      Optional<ConfigFault> fault = fault(tree, type);
      if (fault.isPresent()) {
        return ConfigException.ofOverride(
            override.getKey(), fault.get().ofOverride(override.getKey()));
      }
    }
    throw new IllegalStateException("what did not bind does bind: " + name, e);
  }

  private static ObjectNode laidOver(ObjectNode tree, Map<String, String> overrides) {
    overrides.forEach((key, yaml) -> put(tree, key, yaml));
    return tree;
  }

  private static <T> Optional<ConfigFault> fault(ObjectNode tree, Class<T> type) {
    try {
      T unused = YAML.treeToValue(tree, type);
      return Optional.empty();
    } catch (JsonProcessingException e) {
      return Optional.of(ConfigFault.of(e, tree));
    }
  }

  private static String text(Path file) {
    try {
      return UserText.read(file);
    } catch (java.nio.file.NoSuchFileException e) {
      throw new ConfigException(file + ": no such file: give the path of a configuration");
    } catch (IOException e) {
      throw new ConfigException(
          file
              + ": cannot be read ("
              + (Files.isDirectory(file) ? "it is a directory" : e.getMessage())
              + "): give the path of a configuration");
    }
  }

  private static <T> T bindFile(String text, String file, Class<T> type) {
    ObjectNode tree = tree(text, file);
    try {
      return YAML.readValue(text, type);
    } catch (JsonProcessingException e) {
      JsonLocation location =
          e instanceof JsonMappingException mapping ? location(text, mapping) : e.getLocation();
      throw new ConfigException(ConfigFault.of(e, tree).in(where(file, location)));
    }
  }

  /**
   * Where the key stands that the exception names: the parser itself is further on when it throws.
   */
  private static JsonLocation location(String text, JsonMappingException e) {
    JsonPointer wanted = ConfigFault.pointer(e);
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

  /** The file's keys; a file without any is told here, in better words than the binding has. */
  private static ObjectNode tree(String text, String file) {
    try {
      if (YAML.readTree(text) instanceof ObjectNode object) {
        return object;
      }
      throw new ConfigException(file + ": this has no keys: fill it as the examples in conf/");
    } catch (JsonProcessingException e) {
      throw new ConfigException(ConfigFault.of(e, null).in(where(file, e.getLocation())));
    }
  }

  /** The keys that a file begins its lines with, in its order; none where it is no YAML. */
  public static Set<String> topKeys(String text) {
    Set<String> keys = new LinkedHashSet<>();
    try {
      if (YAML.readTree(text) instanceof ObjectNode object) {
        object.fieldNames().forEachRemaining(keys::add);
      }
    } catch (JsonProcessingException e) {
      // whoever reads the file tells what is wrong with it
      return Set.of();
    }
    return keys;
  }

  private static void put(ObjectNode tree, String key, String yaml) {
    String[] path = key.split("\\.", -1);
    ObjectNode node = tree;
    for (int i = 0; i < path.length - 1; i++) {
      JsonNode child = node.get(path[i]);
      if (child != null && !child.isObject() && !child.isNull()) {
        throw ConfigException.ofOverride(key, path[i] + " has no keys below it");
      }
      node = child instanceof ObjectNode object ? object : node.putObject(path[i]);
    }
    node.set(path[path.length - 1], value(key, yaml));
  }

  /**
   * What an override says.
   *
   * @throws ConfigException when it is no YAML
   */
  public static JsonNode value(String key, String yaml) {
    try {
      JsonNode value = YAML.readTree(yaml.isEmpty() ? "\"\"" : yaml);
      if (!value.isMissingNode()) {
        return value;
      }
    } catch (JsonProcessingException e) {
      throw ConfigException.ofOverride(key, notYaml(key));
    }
    throw ConfigException.ofOverride(key, notYaml(key));
  }

  private static String notYaml(String key) {
    return "the value is not YAML: put it in quotes, as in --set '" + key + "=\"…\"'";
  }

  /**
   * Where a key of a file stands, {@code file:line}; the file alone when it is not in it.
   *
   * @param text the file's
   * @param file its name
   */
  public static String place(String text, String file, String key) {
    JsonPointer wanted = JsonPointer.compile("/" + key.replace('.', '/'));
    try (JsonParser parser = YAML.createParser(text)) {
      while (parser.nextToken() != null) {
        if (parser.getParsingContext().pathAsPointer().equals(wanted)) {
          return where(file, parser.currentTokenLocation());
        }
      }
    } catch (IOException e) {
      throw new ConfigException(file + ": cannot be read (" + e.getMessage() + ")");
    }
    return file;
  }

  private static String where(String file, JsonLocation location) {
    return location == null || location.getLineNr() < 1 ? file : file + ":" + location.getLineNr();
  }
}
