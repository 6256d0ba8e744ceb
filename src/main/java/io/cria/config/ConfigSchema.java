package io.cria.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * A kind of run file as JSON Schema (draft 2020-12), for editors: names, types, defaults, what is
 * allowed, meanings. A key that may be left out may also be there without a value.
 */
public final class ConfigSchema {
  private static final String DIALECT = "https://json-schema.org/draft/2020-12/schema";
  private static final String DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}";

  private static final ObjectMapper JSON = new ObjectMapper();

  private ConfigSchema() {}

  /**
   * The schema's text, indented, with a line break at its end.
   *
   * @param title what such a file is
   */
  public static String of(String title, List<ConfigKey> keys) {
    ObjectNode schema = JSON.createObjectNode();
    schema.put("$schema", DIALECT).put("title", title).put("type", "object");
    putKeys(schema, keys);
    DefaultIndenter lines = new DefaultIndenter("  ", "\n");
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter(
            Separators.createDefaultInstance()
                .withObjectFieldValueSpacing(Separators.Spacing.AFTER));
    printer.indentObjectsWith(lines);
    try {
      return JSON.writer(printer).writeValueAsString(schema) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a schema is always JSON", e);
    }
  }

  private static void putKeys(ObjectNode schema, List<ConfigKey> keys) {
    ObjectNode properties = schema.putObject("properties");
    keys.forEach(key -> properties.set(key.name(), of(key)));
    List<ConfigKey> needed = keys.stream().filter(ConfigKey::isNeeded).toList();
    if (!needed.isEmpty()) {
      ArrayNode required = schema.putArray("required");
      needed.forEach(key -> required.add(key.name()));
    }
    schema.put("additionalProperties", false);
  }

  private static ObjectNode of(ConfigKey key) {
    ObjectNode schema = JSON.createObjectNode();
    schema.put(
        "description",
        key.meaning()
            + "."
            + (key.otherwise().isEmpty() ? "" : " Left out: " + key.otherwise() + ".")
            + (key.mayChange() ? "" : " Stays as it is in one directory."));
    putType(schema, key.type(), key);
    if (!key.isNeeded()) {
      orNothing(schema);
    }
    if (key.standard() != null) {
      schema.set("default", key.standard());
    }
    return schema;
  }

  private static void putType(ObjectNode schema, KeyType type, ConfigKey key) {
    switch (type.kind()) {
      case TEXT -> putText(schema, key);
      case WHOLE -> putNumber(schema.put("type", "integer"), key.bounds());
      case NUMBER -> putNumber(schema.put("type", "number"), key.bounds());
      case FLAG -> schema.put("type", "boolean");
      case DATE -> schema.put("type", "string").put("pattern", whole(DATE));
      case ANY -> {}
      case SECTION -> putKeys(schema.put("type", "object"), key.below());
      case LIST -> putType(schema.put("type", "array").putObject("items"), inside(type), key);
      case MAP ->
          putType(
              schema.put("type", "object").putObject("additionalProperties"), inside(type), key);
    }
  }

  private static KeyType inside(KeyType type) {
    KeyType of = type.of();
    if (of == null) {
      throw new IllegalStateException("nothing is in " + type);
    }
    return of;
  }

  private static void putText(ObjectNode schema, ConfigKey key) {
    schema.put("type", "string");
    if (!key.allowed().isEmpty()) {
      ArrayNode values = schema.putArray("enum");
      key.allowed().forEach(values::add);
    }
    if (!key.form().isEmpty()) {
      schema.put("pattern", whole(key.form()));
    }
  }

  private static String whole(String form) {
    return "^(?:" + form + ")$";
  }

  private static void putNumber(ObjectNode schema, KeyBounds bounds) {
    put(schema, "minimum", bounds.min());
    put(schema, "exclusiveMinimum", bounds.above());
    put(schema, "maximum", bounds.max());
    put(schema, "exclusiveMaximum", bounds.below());
  }

  private static void put(ObjectNode schema, String word, double bound) {
    if (!Double.isInfinite(bound)) {
      // as a whole number where it is one
      if (bound == Math.rint(bound)) {
        schema.put(word, Math.round(bound));
      } else {
        schema.put(word, bound);
      }
    }
  }

  /** A section whose keys are all commented out has no value. */
  private static void orNothing(ObjectNode schema) {
    if (schema.get("type") == null) {
      return;
    }
    String type = schema.get("type").textValue();
    schema.putArray("type").add(type).add("null");
    if (schema.get("enum") instanceof ArrayNode values) {
      values.addNull();
    }
  }
}
