package io.cria.serve;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a request's body, read strictly by name; null is as good as absent. It knows which
 * have been asked for, and so which mean nothing to the server.
 */
final class Fields {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final JsonNode root;
  private final Set<String> known = new HashSet<>();
  private final List<String> unknownInside = new ArrayList<>();

  private Fields(JsonNode root) {
    this.root = root;
  }

  /**
   * @throws ApiException when the body is no JSON object
   */
  static Fields of(byte[] body) {
    JsonNode root;
    try {
      root = JSON.readTree(body);
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      String where = at == null ? "" : ", line " + at.getLineNr() + ", column " + at.getColumnNr();
      throw new ApiException(400, "the body is not JSON" + where, null, "invalid_json");
    } catch (IOException e) {
      throw new ApiException(400, "the body is not UTF-8 JSON", null, "invalid_json");
    }
    if (root == null || !root.isObject()) {
      throw new ApiException(400, "the body must be a JSON object", null, "invalid_json");
    }
    return new Fields(root);
  }

  /** A field's value, missing where it is absent or null. */
  JsonNode get(String name) {
    known.add(name);
    JsonNode value = root.path(name);
    return value.isNull() ? MissingNode.getInstance() : value;
  }

  /** These have no bearing on an answer. */
  void pass(Set<String> names) {
    known.addAll(names);
  }

  /** Fields within another one that are given and not among these mean nothing to the server. */
  void tellUnknown(String path, JsonNode inside, Set<String> names) {
    inside
        .properties()
        .forEach(
            entry -> {
              if (!names.contains(entry.getKey()) && !entry.getValue().isNull()) {
                unknownInside.add(path + "." + entry.getKey());
              }
            });
  }

  /** The fields that are given and that nobody asked for. */
  List<String> unknown() {
    List<String> unknown = new ArrayList<>();
    root.properties()
        .forEach(
            entry -> {
              if (!known.contains(entry.getKey()) && !entry.getValue().isNull()) {
                unknown.add(entry.getKey());
              }
            });
    unknownInside.stream().distinct().forEach(unknown::add);
    return unknown;
  }

  boolean flag(String name) {
    JsonNode value = get(name);
    if (!value.isMissingNode() && !value.isBoolean()) {
      throw ApiException.invalid(name, name + " must be true or false, not " + value);
    }
    return value.asBoolean();
  }

  @Nullable Integer whole(String name, int least, int most) {
    JsonNode value = get(name);
    if (value.isMissingNode()) {
      return null;
    }
    if (!value.isIntegralNumber()
        || !value.canConvertToInt()
        || value.asInt() < least
        || value.asInt() > most) {
      throw ApiException.invalid(
          name, name + " must be a whole number from " + least + " to " + most + ", not " + value);
    }
    return value.asInt();
  }

  @Nullable Double number(String name, double least, double most) {
    JsonNode value = get(name);
    if (value.isMissingNode()) {
      return null;
    }
    if (!value.isNumber() || !(value.asDouble() >= least && value.asDouble() <= most)) {
      String range =
          least == Float.MIN_NORMAL ? "above 0, at most " + most : "from " + least + " to " + most;
      throw ApiException.invalid(name, name + " must be a number " + range + ", not " + value);
    }
    return value.asDouble();
  }

  /** Refuses a field that would change the answer, unless it is off: false or an empty list. */
  void refuse(String name, String message) {
    JsonNode value = get(name);
    boolean isOff =
        value.isMissingNode()
            || (value.isBoolean() && !value.asBoolean())
            || (value.isContainerNode() && value.isEmpty());
    if (!isOff) {
      throw ApiException.invalid(name, message);
    }
  }
}
