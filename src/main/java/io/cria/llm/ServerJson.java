package io.cria.llm;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the JSON that servers write: NaN among log probabilities, raw line feeds in strings and
 * bytes after the end are passed over.
 */
final class ServerJson {
  private static final ObjectMapper JSON =
      new ObjectMapper(
          JsonFactory.builder()
              .streamReadConstraints(
                  StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
              .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
              .enable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
              .build());

  private ServerJson() {}

  /** The first value of a text; null where it is none. */
  static @Nullable JsonNode value(String text) {
    try {
      JsonNode json = JSON.readTree(text);
      return json == null || json.isMissingNode() ? null : json;
    } catch (JsonProcessingException e) {
      // Not a failure here: whoever asks sees null and says what that means where it stands.
      return null;
    }
  }

  /** The values of a text one after another, as far as they can be read. */
  static List<JsonNode> values(String text) {
    List<JsonNode> values = new ArrayList<>();
    try (JsonParser parser = JSON.createParser(text)) {
      for (JsonNode next = parser.readValueAsTree();
          next != null;
          next = parser.readValueAsTree()) {
        values.add(next);
      }
    } catch (JsonProcessingException e) {
      // What follows is none: the values before it stand, and whether they suffice is not told
      // here.
      return values;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return values;
  }

  /**
   * Whether a member says nothing: absent, null, false, zero, a blank text, or a list or object of
   * nothing else.
   */
  static boolean saysNothing(JsonNode node) {
    if (node.isContainerNode()) {
      for (JsonNode member : node) {
        if (!saysNothing(member)) {
          return false;
        }
      }
      return true;
    }
    return node.isMissingNode()
        || node.isNull()
        || (node.isBoolean() && !node.booleanValue())
        || (node.isNumber() && node.doubleValue() == 0)
        || (node.isTextual() && node.textValue().isBlank());
  }
}
