package io.cria.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.cria.config.ConfigReader;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * An endpoint's files, whosever it is, as {@code --set} names them: taken from the working
 * directory, as a shell completes them, while those of a run file are taken from its folder.
 */
final class CommandLinePaths {
  private static final String ENDPOINT = "endpoint";
  private static final Pattern PATHS = Pattern.compile("(.+\\.)?endpoint\\.(keyFile|gguf)");
  private static final Pattern HEADERS = Pattern.compile("(.+\\.)?endpoint\\.headers\\..+");
  private static final String FILE = "file:";

  private CommandLinePaths() {}

  /**
   * An override with absolute paths; as it was, where it names none.
   *
   * @param key dotted
   * @param yaml its value
   * @return YAML
   * @throws io.cria.config.ConfigException when the value is no YAML
   */
  static String absolute(String key, String yaml) {
    if (!key.contains(ENDPOINT) && !yaml.contains(ENDPOINT)) {
      return yaml;
    }
    JsonNode value = ConfigReader.value(key, yaml);
    JsonNode absolute = absolute(key, value.deepCopy());
    // JSON is YAML too
    return absolute.equals(value) ? yaml : absolute.toString();
  }

  private static JsonNode absolute(String key, JsonNode value) {
    if (value instanceof ObjectNode object) {
      object
          .properties()
          .forEach(
              property ->
                  property.setValue(absolute(key + "." + property.getKey(), property.getValue())));
      return object;
    }
    String text = value.textValue();
    if (text == null || text.isBlank() || text.equals(FILE)) {
      return value;
    }
    if (PATHS.matcher(key).matches()) {
      return TextNode.valueOf(absolute(text));
    }
    return HEADERS.matcher(key).matches() && text.startsWith(FILE)
        ? TextNode.valueOf(FILE + absolute(text.substring(FILE.length())))
        : value;
  }

  private static String absolute(String path) {
    return Path.of(path).toAbsolutePath().toString();
  }
}
