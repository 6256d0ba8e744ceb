package io.cria.decoding.grammar;

import static io.cria.decoding.grammar.Grammar.call;
import static io.cria.decoding.grammar.Grammar.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes grammars of JSON schemas. Every text of the grammar is JSON that the schema allows; not
 * every JSON that the schema allows is a text of the grammar: keys come in the schema's order, and
 * none that it does not name beside those that it does.
 *
 * <p>What it knows: {@code type} (one or several), {@code properties}, {@code required}, {@code
 * additionalProperties}, {@code items}, {@code minItems}, {@code maxItems}, {@code minLength},
 * {@code maxLength}, {@code enum}, {@code const}, {@code anyOf}, {@code allOf} of one schema,
 * {@code $ref} within the schema, and words that explain. Any other word is an error, since an
 * answer that breaks it would not be told.
 */
public final class JsonSchema {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MOST_CHARACTERS = 1024;
  private static final int MOST_ITEMS = 256;
  private static final int MOST_RULES = 20_000;
  private static final int MOST_PROPERTIES = 512;
  private static final int MOST_LEVELS = 128;

  private static final Set<String> EXPLAINING =
      Set.of(
          "title",
          "description",
          "default",
          "example",
          "examples",
          "deprecated",
          "readOnly",
          "writeOnly",
          "$schema",
          "$id",
          "$comment",
          "$defs",
          "definitions");

  private static final Set<String> OF_KINDS =
      Set.of(
          "type",
          "properties",
          "required",
          "additionalProperties",
          "items",
          "minItems",
          "maxItems",
          "minLength",
          "maxLength");

  private static final List<String> KINDS =
      List.of("object", "array", "string", "number", "integer", "boolean", "null");

  private final JsonNode root;
  private final Grammar.Builder builder = new Grammar.Builder();
  private final int whole = builder.rule();
  private final JsonRules json = new JsonRules(builder);

  /** The rules of schemas that are referred to, by pointer. */
  private final Map<String, Integer> referred = new HashMap<>();

  /** Schemas that are being read, each within the one before, or referred to by it. */
  private int level;

  private JsonSchema(JsonNode root) {
    this.root = root;
  }

  /** Any JSON object. */
  public static Grammar anyObject() {
    Grammar.Builder builder = new Grammar.Builder();
    int whole = builder.rule();
    JsonRules json = new JsonRules(builder);
    return builder.way(whole, call(json.space), call(json.object)).build();
  }

  /**
   * What a schema allows.
   *
   * @throws SchemaException naming the place and the word that no grammar is made of
   */
  public static Grammar grammar(JsonNode schema) {
    JsonSchema made = new JsonSchema(schema);
    List<Symbol> value = made.value(schema, "");
    made.builder.way(made.whole, call(made.json.space), value);
    try {
      return made.builder.build();
    } catch (Grammar.LeftRecursionException e) {
      throw new SchemaException("", "it refers to itself with no object or array between");
    }
  }

  private List<Symbol> value(JsonNode schema, String where) {
    if (builder.size() > MOST_RULES) {
      throw SchemaException.tooLarge(where);
    }
    if (level == MOST_LEVELS) {
      throw new SchemaException(
          where, "schemas lie in each other more than " + MOST_LEVELS + " deep: make it flatter");
    }
    level++;
    List<Symbol> value = read(schema, where);
    level--;
    return value;
  }

  private List<Symbol> read(JsonNode schema, String where) {
    if (schema.isBoolean() && schema.asBoolean()) {
      return call(json.value);
    }
    if (!schema.isObject()) {
      throw new SchemaException(where, "a schema is an object, not " + schema);
    }
    for (String deciding : List.of("$ref", "const", "enum", "anyOf", "allOf")) {
      if (schema.has(deciding)) {
        requireOnly(schema, deciding, where);
        String below = where + "/" + deciding;
        return switch (deciding) {
          case "$ref" -> reference(schema.path("$ref"), below);
          case "const" -> enumeration(schema, List.of(schema.path("const")), below);
          case "enum" -> enumeration(schema, schema.path("enum"), below);
          case "anyOf" -> anyOf(schema.path("anyOf"), below);
          default -> allOf(schema.path("allOf"), below);
        };
      }
    }
    requireKnown(schema, where);
    int rule = builder.rule();
    for (String kind : kinds(schema, where)) {
      builder.way(rule, kind(kind, schema, where));
    }
    return call(rule);
  }

  private static void requireKnown(JsonNode schema, String where) {
    for (Map.Entry<String, JsonNode> entry : schema.properties()) {
      String word = entry.getKey();
      if (!EXPLAINING.contains(word) && !OF_KINDS.contains(word)) {
        throw new SchemaException(where + "/" + word, unknown(word));
      }
    }
  }

  private static String unknown(String word) {
    return "'" + word + "' is not known here: leave it out, and check the answer for it";
  }

  /** Beside a word that decides alone stands its type at most. */
  private static void requireOnly(JsonNode schema, String deciding, String where) {
    for (Map.Entry<String, JsonNode> entry : schema.properties()) {
      String word = entry.getKey();
      boolean isType = word.equals("type") && (deciding.equals("enum") || deciding.equals("const"));
      if (!word.equals(deciding) && !EXPLAINING.contains(word) && !isType) {
        throw new SchemaException(
            where + "/" + word, "'" + word + "' beside '" + deciding + "' is not known here");
      }
    }
  }

  private List<String> kinds(JsonNode schema, String where) {
    JsonNode type = schema.path("type");
    List<String> kinds = new ArrayList<>();
    if (type.isTextual()) {
      kinds.add(type.asText());
    }
    type.elements().forEachRemaining(each -> kinds.add(each.asText()));
    if (type.isMissingNode()) {
      boolean named = schema.has("properties") || schema.has("required");
      kinds.addAll(
          named || schema.has("additionalProperties")
              ? List.of("object")
              : schema.has("items") || schema.has("minItems") || schema.has("maxItems")
                  ? List.of("array")
                  : schema.has("minLength") || schema.has("maxLength")
                      ? List.of("string")
                      : List.of("any"));
    } else if (kinds.isEmpty() || !KINDS.containsAll(kinds)) {
      throw new SchemaException(
          where + "/type", "a type is one of " + String.join(", ", KINDS) + ", not " + type);
    }
    return kinds;
  }

  private List<Symbol> kind(String kind, JsonNode schema, String where) {
    return switch (kind) {
      case "object" -> call(object(schema, where));
      case "array" ->
          call(
              json.list(
                  schema.has("items")
                      ? value(schema.path("items"), where + "/items")
                      : call(json.value),
                  count(schema, "minItems", 0, MOST_ITEMS, where),
                  most(schema, "maxItems", "minItems", MOST_ITEMS, where)));
      case "string" ->
          call(
              schema.has("minLength") || schema.has("maxLength")
                  ? json.string(
                      count(schema, "minLength", 0, MOST_CHARACTERS, where),
                      most(schema, "maxLength", "minLength", MOST_CHARACTERS, where))
                  : json.string);
      case "number" -> call(json.number);
      case "integer" -> call(json.integer);
      case "boolean" -> {
        int rule = builder.rule();
        builder.way(rule, text("true")).way(rule, text("false"));
        yield call(rule);
      }
      case "null" -> text("null");
      default -> call(json.value);
    };
  }

  private static int count(JsonNode schema, String word, int otherwise, int limit, String where) {
    JsonNode value = schema.path(word);
    if (value.isMissingNode()) {
      return otherwise;
    }
    if (!value.isIntegralNumber() || value.asLong() < 0 || value.asLong() > limit) {
      throw new SchemaException(
          where + "/" + word, "'" + word + "' is a whole number from 0 to " + limit + " here");
    }
    return value.asInt();
  }

  private static int most(JsonNode schema, String word, String least, int limit, String where) {
    int most = count(schema, word, JsonRules.UNBOUNDED, limit, where);
    if (most < count(schema, least, 0, limit, where)) {
      throw new SchemaException(where + "/" + word, "'" + word + "' is below '" + least + "'");
    }
    return most;
  }

  private int object(JsonNode schema, String where) {
    JsonNode properties = schema.path("properties");
    JsonNode more = schema.path("additionalProperties");
    Set<String> required = required(schema, where);
    requireKind(
        properties.isMissingNode() || properties.isObject(),
        where + "/properties",
        "'properties' is an object of schemas");
    requireKind(
        more.isMissingNode() || more.isBoolean() || more.isObject(),
        where + "/additionalProperties",
        "'additionalProperties' is true, false or a schema");
    requireKind(
        properties.size() <= MOST_PROPERTIES,
        where + "/properties",
        "at most " + MOST_PROPERTIES + " properties are known here, not " + properties.size());
    for (String name : required) {
      if (!properties.has(name)) {
        throw new SchemaException(
            where + "/required", "'" + name + "' is required and not among the properties");
      }
    }
    if (properties.isEmpty()) {
      if (more.isBoolean() && !more.asBoolean()) {
        int rule = builder.rule();
        builder.way(rule, text("{}"));
        return rule;
      }
      return more.isObject() ? json.map(value(more, where + "/additionalProperties")) : json.object;
    }
    return object(properties, required, where + "/properties");
  }

  private static Set<String> required(JsonNode schema, String where) {
    JsonNode names = schema.path("required");
    Set<String> required = new HashSet<>();
    boolean isList = names.isMissingNode() || names.isArray();
    for (JsonNode name : names) {
      isList &= name.isTextual();
      required.add(name.asText());
    }
    requireKind(isList, where + "/required", "'required' is a list of names");
    return required;
  }

  private static void requireKind(boolean holds, String where, String message) {
    if (!holds) {
      throw new SchemaException(where, message);
    }
  }

  /**
   * The properties in order. Two rules a property: of what comes from it on, where something stands
   * before it and where nothing does.
   */
  private int object(JsonNode properties, Set<String> required, String where) {
    List<Map.Entry<String, JsonNode>> entries = new ArrayList<>(properties.properties());
    int after = builder.rule();
    int alone = builder.rule();
    builder.way(after, call(json.space), text("}")).way(alone, text("}"));
    for (int i = entries.size() - 1; i >= 0; i--) {
      String name = entries.get(i).getKey();
      JsonNode key = JSON.getNodeFactory().textNode(name);
      List<Symbol> pair = new ArrayList<>(written(key, where));
      pair.addAll(text(":"));
      pair.addAll(call(json.space));
      pair.addAll(value(entries.get(i).getValue(), where + "/" + name));
      int behind = builder.rule();
      int first = builder.rule();
      builder.way(behind, text(","), call(json.space), pair, call(after));
      builder.way(first, pair, call(after));
      if (!required.contains(name)) {
        builder.way(behind, call(after));
        builder.way(first, call(alone));
      }
      after = behind;
      alone = first;
    }
    int rule = builder.rule();
    builder.way(rule, text("{"), call(json.space), call(alone));
    return rule;
  }

  private List<Symbol> reference(JsonNode value, String where) {
    String pointer = value.asText();
    boolean isInside = pointer.equals("#") || pointer.startsWith("#/");
    JsonNode target = isInside ? root.at(pointer.substring(1)) : JSON.missingNode();
    if (target.isMissingNode()) {
      throw new SchemaException(
          where, "'" + pointer + "' is no place in the schema: give one such as #/$defs/NAME");
    }
    Integer known = referred.get(pointer);
    if (known != null) {
      return call(known);
    }
    int rule = builder.rule();
    referred.put(pointer, rule);
    builder.way(rule, value(target, pointer.substring(1)));
    return call(rule);
  }

  private List<Symbol> anyOf(JsonNode schemas, String where) {
    int rule = builder.rule();
    for (int i = 0; i < schemas.size(); i++) {
      builder.way(rule, value(schemas.path(i), where + "/" + i));
    }
    if (!schemas.isArray() || schemas.isEmpty()) {
      throw new SchemaException(where, "'anyOf' is a list of at least one schema");
    }
    return call(rule);
  }

  private List<Symbol> allOf(JsonNode schemas, String where) {
    if (schemas.size() != 1) {
      throw new SchemaException(where, "'allOf' of more than one schema is not known here");
    }
    return value(schemas.path(0), where + "/0");
  }

  private List<Symbol> enumeration(JsonNode schema, Iterable<JsonNode> values, String where) {
    int rule = builder.rule();
    int ways = 0;
    List<String> kinds = schema.has("type") ? kinds(schema, where) : KINDS;
    for (JsonNode each : values) {
      if (kinds.stream().anyMatch(kind -> is(each, kind))) {
        builder.way(rule, written(each, where));
        ways++;
      }
    }
    if (ways == 0) {
      throw new SchemaException(where, "no value is of its type: give at least one");
    }
    return call(rule);
  }

  private static boolean is(JsonNode value, String kind) {
    return switch (kind) {
      case "object" -> value.isObject();
      case "array" -> value.isArray();
      case "string" -> value.isTextual();
      case "number" -> value.isNumber();
      case "integer" -> value.isIntegralNumber();
      case "boolean" -> value.isBoolean();
      default -> value.isNull();
    };
  }

  private static List<Symbol> written(JsonNode value, String where) {
    try {
      String text = JSON.writeValueAsString(value);
      Grammar.Builder.requireRoom(text.length(), where);
      return text(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree is always JSON", e);
    }
  }
}
