package io.cria.decoding.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonSchemaTest {
  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

  private static final String PERSON =
      "{'type':'object','properties':{'name':{'type':'string','minLength':2,'maxLength':5},"
          + "'age':{'type':'integer'},'é':{'enum':['ü\\n',1.5,null,{'a':[]}]},"
          + "'tags':{'type':'array','items':{'type':['string','null']},'minItems':1,'maxItems':3}},"
          + "'required':['name','tags'],'additionalProperties':false}";

  private static final String TREE =
      "{'$ref':'#/$defs/node','$defs':{'node':{'title':'a node','type':'object','properties':"
          + "{'value':{'type':'number'},'next':{'anyOf':[{'$ref':'#/$defs/node'},{'type':'null'}]}},"
          + "'required':['value','next']}}}";

  private static JsonNode tree(String json) {
    try {
      return JSON.readTree(json.replace('\'', '"'));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Automaton automaton(String schema) {
    return new Automaton(JsonSchema.grammar(tree(schema)));
  }

  private static boolean takes(String schema, String text) {
    return follow(automaton(schema), text.replace('\'', '"').getBytes(StandardCharsets.UTF_8))
        .filter(Automaton.State::isWhole)
        .isPresent();
  }

  /** Where these bytes lead; empty where they are refused. */
  private static Optional<Automaton.State> follow(Automaton automaton, byte... utf8) {
    Optional<Automaton.State> state = Optional.of(automaton.start());
    for (byte each : utf8) {
      state = state.map(before -> before.after(each & 0xFF));
    }
    return state;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        PERSON,
        TREE,
        "{}",
        "true",
        "{'type':'object'}",
        "{'type':'object','additionalProperties':{'type':'boolean'}}",
        "{'type':'object','properties':{'a':{},'b':{},'c':{'const':[1,'x']}}}",
        "{'type':'array','minItems':2}",
        "{'allOf':[{'type':'string','minLength':3}]}",
        "{'type':['integer','boolean']}",
        "{'type':'array','items':{'type':'number'},'maxItems':0}",
      })
  void everyTextOfTheGrammarIsJsonThatTheSchemaAllows(String schema) {
    Random random = new Random(7);
    for (int i = 0; i < 200; i++) {
      String text = walk(automaton(schema), random);
      assertThat(text).isNotNull();
      JsonNode value = tree("[" + text.replace('\'', ' ') + "]").path(0);
      assertThat(allows(tree(schema), tree(schema), value)).as(text).isTrue();
    }
  }

  /** Bytes at random until the text may end and chance has it so; brackets close soon. */
  private static String walk(Automaton automaton, Random random) {
    java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
    Automaton.State state = automaton.start();
    while (state.goesOn() && !(state.isWhole() && random.nextInt(3) == 0)) {
      int value = random.nextInt(3) == 0 ? "\"}]0".charAt(random.nextInt(4)) : random.nextInt(256);
      Automaton.State after = value == '\'' ? null : state.after(value);
      if (after != null) {
        state = after;
        bytes.write(value);
      }
    }
    assertThat(state.isWhole()).isTrue();
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /** The parts of JSON Schema that are used here, by the letter of its specification. */
  private static boolean allows(JsonNode root, JsonNode schema, JsonNode value) {
    if (schema.isBoolean()) {
      return schema.asBoolean();
    }
    if (schema.has("$ref")) {
      return allows(root, root.at(schema.path("$ref").asText().substring(1)), value);
    }
    if (schema.has("anyOf")) {
      return stream(schema.path("anyOf")).anyMatch(each -> allows(root, each, value));
    }
    if (schema.has("allOf")) {
      return stream(schema.path("allOf")).allMatch(each -> allows(root, each, value));
    }
    if (schema.has("enum") && stream(schema.path("enum")).noneMatch(value::equals)) {
      return false;
    }
    if (schema.has("const") && !schema.path("const").equals(value)) {
      return false;
    }
    JsonNode type = schema.path("type");
    boolean isTyped =
        type.isMissingNode()
            || (type.isTextual() ? List.of(type) : stream(type).toList())
                .stream().anyMatch(each -> is(each.asText(), value));
    int length = value.isTextual() ? value.asText().codePointCount(0, value.asText().length()) : 0;
    boolean fits = !value.isTextual() || between(schema, "minLength", "maxLength", length);
    boolean fitsItems = !value.isArray() || between(schema, "minItems", "maxItems", value.size());
    boolean items =
        !value.isArray()
            || !schema.has("items")
            || stream(value).allMatch(each -> allows(root, schema.path("items"), each));
    boolean required =
        !value.isObject()
            || stream(schema.path("required")).allMatch(name -> value.has(name.asText()));
    return isTyped && fits && fitsItems && items && required && properties(root, schema, value);
  }

  private static boolean properties(JsonNode root, JsonNode schema, JsonNode value) {
    for (Map.Entry<String, JsonNode> each : value.properties()) {
      JsonNode property = schema.path("properties").path(each.getKey());
      JsonNode more = schema.path("additionalProperties");
      JsonNode governing = property.isMissingNode() ? more : property;
      if (!governing.isMissingNode() && !allows(root, governing, each.getValue())) {
        return false;
      }
    }
    return true;
  }

  private static java.util.stream.Stream<JsonNode> stream(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false);
  }

  private static boolean between(JsonNode schema, String least, String most, int count) {
    return count >= schema.path(least).asInt(0)
        && count <= schema.path(most).asInt(Integer.MAX_VALUE);
  }

  private static boolean is(String type, JsonNode value) {
    return switch (type) {
      case "object" -> value.isObject();
      case "array" -> value.isArray();
      case "string" -> value.isTextual();
      case "number" -> value.isNumber();
      case "integer" -> value.isIntegralNumber();
      case "boolean" -> value.isBoolean();
      default -> value.isNull();
    };
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'name': 'Bo', 'tags': ['x']} | true",
        " {¶  'name':'Bo',¶  'age':-12,¶  'tags':[null]¶} | true",
        "{'name':'Bo','é':'ü\\n','tags':['x','y','z']} | true",
        "{'name':'B','tags':['x']} | false",
        "{'name':'Bobobo','tags':['x']} | false",
        "{'name':'Bo','tags':[]} | false",
        "{'name':'Bo','tags':['x','x','x','x']} | false",
        "{'name':'Bo','age':1.5,'tags':['x']} | false",
        "{'tags':['x'],'name':'Bo'} | false",
        "{'name':'Bo','more':1,'tags':['x']} | false",
        "{'name':'Bo'} | false",
        "{'name':'Bo','tags':['x']}} | false",
      })
  void whatModelsWriteOfASchemaIsTaken(String text, boolean taken) {
    assertThat(takes(PERSON, text.replace('¶', '\n'))).isEqualTo(taken);
  }

  @Test
  void anObjectOfAnyKindIsTaken() {
    String text = "{\"a\": [1, -0.5e+10, true, {\"b\": null}], \"\\u00e9\": \"\uD83E\uDD99\"}";

    assertThat(follow(new Automaton(JsonSchema.anyObject()), text.getBytes(StandardCharsets.UTF_8)))
        .hasValueSatisfying(
            state -> {
              assertThat(state.isWhole()).isTrue();
              assertThat(state.goesOn()).isFalse();
            });
  }

  @Test
  void anIntegerHasTheDigitsThatADoubleHolds() {
    assertThat(takes("{'type':'integer'}", "-" + "9".repeat(15))).isTrue();
    assertThat(takes("{'type':'integer'}", "9".repeat(16))).isFalse();
  }

  private static Optional<Automaton.State> inString(int... utf8) {
    byte[] bytes = new byte[utf8.length + 1];
    bytes[0] = '"';
    for (int i = 0; i < utf8.length; i++) {
      bytes[i + 1] = (byte) utf8[i];
    }
    return follow(automaton("{'type':'string'}"), bytes);
  }

  @Test
  void whatIsNoUtf8IsRefused() {
    for (int value : List.of(0x00, 0x1F, 0x80, 0xC0, 0xC1, 0xF5, 0xFF)) {
      assertThat(inString(value)).as("%x", value).isEmpty();
    }
    assertThat(inString(0xED)).isPresent();
    assertThat(inString(0xED, 0xA0)).as("half of a surrogate pair").isEmpty();
    assertThat(inString(0xE0, 0x80)).as("a longer spelling than need be").isEmpty();
    assertThat(inString(0xF4, 0x90)).as("beyond the last character").isEmpty();
    assertThat(inString(0xE2)).hasValueSatisfying(torn -> assertThat(torn.isWhole()).isFalse());
    assertThat(inString(0xF0, 0x9F, 0xA6, 0x99, '"'))
        .hasValueSatisfying(whole -> assertThat(whole.isWhole()).isTrue());
  }

  @Test
  void statesAreKeptBetweenCharactersAndNotWithinThem() {
    Automaton automaton = automaton("{'type':'string'}");
    byte[] llama = "\"\uD83E\uDD99".getBytes(StandardCharsets.UTF_8);

    Automaton.State torn = follow(automaton, (byte) '"', (byte) 0xF0).orElseThrow();
    assertThat(torn.isTorn()).isTrue();
    assertThat(follow(automaton, (byte) '"', (byte) 0xF0).orElseThrow()).isNotSameAs(torn);
    assertThat(follow(automaton, llama).orElseThrow())
        .isSameAs(follow(automaton, llama).orElseThrow());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'type':'object','properties':{'a':{'pattern':'x'}}} | /properties/a/pattern | 'pattern'",
        "{'oneOf':[{}]} | /oneOf | 'oneOf' is not known here",
        "{'anyOf':[{'type':'tuple'}]} | /anyOf/0/type | a type is one of",
        "{'anyOf':[]} | /anyOf | at least one schema",
        "{'anyOf':[{}],'type':'string'} | /type | beside 'anyOf'",
        "{'allOf':[{},{}]} | /allOf | more than one",
        "{'$ref':'other.json'} | /$ref | no place in the schema",
        "{'$ref':'#/$defs/x'} | /$ref | no place in the schema",
        "{'$ref':'#'} | `` | refers to itself",
        "{'type':'object','required':['a']} | /required | 'a' is required",
        "{'enum':[],'type':'string'} | /enum | at least one",
        "{'const':1,'type':'string'} | /const | at least one",
        "{'type':'string','maxLength':5000} | /maxLength | from 0 to 1024",
        "{'type':'array','minItems':3,'maxItems':2} | /maxItems | below 'minItems'",
        "{'items':false} | /items | a schema is an object",
        "{'type':'number','minimum':0} | /minimum | 'minimum'",
        "{'type':'object','properties':{'a':{}},'required':'a'} | /required | a list of names",
        "{'type':'object','properties':{'a':{}},'required':[1]} | /required | a list of names",
        "{'type':'object','properties':[]} | /properties | an object of schemas",
        "{'properties':{'a':{'additionalProperties':'x'}}} | /properties/a/additionalProperties |"
            + " true, false or a schema",
      })
  void whatNoGrammarIsMadeOfIsNamedWithItsPlace(String schema, String where, String message) {
    assertThatThrownBy(() -> JsonSchema.grammar(tree(schema)))
        .isInstanceOfSatisfying(SchemaException.class, e -> assertThat(e.where()).isEqualTo(where))
        .hasMessageContaining(message);
  }

  private static void refused(String schema, String where, String message) {
    assertThatThrownBy(() -> JsonSchema.grammar(tree(schema)))
        .isInstanceOfSatisfying(SchemaException.class, e -> assertThat(e.where()).isEqualTo(where))
        .hasMessageContaining(message);
  }

  @Test
  void aSchemaTooDeepOrTooLargeIsRefusedByItsPlace() {
    assertThat(takes("{'items':".repeat(127) + "{}" + "}".repeat(127), "[]")).isTrue();
    refused(
        "{'items':".repeat(128) + "{}" + "}".repeat(128),
        "/items".repeat(128),
        "more than 128 deep");

    StringBuilder chain = new StringBuilder();
    for (int i = 0; i < 500; i++) {
      chain.append("'d" + i + "':{'$ref':'#/$defs/d" + (i + 1) + "'},");
    }
    refused(
        "{'$ref':'#/$defs/d0','$defs':{" + chain + "'d500':{}}}",
        "/$defs/d127",
        "more than 128 deep");

    StringBuilder many = new StringBuilder("'a':true");
    for (int i = 0; i < 512; i++) {
      many.append(",'a" + i + "':true");
    }
    refused("{'properties':{" + many + "}}", "/properties", "at most 512 properties");
    refused("{'const':'" + "a".repeat(200_000) + "'}", "/const", "too large");
    refused("{'enum':[" + "'aaaaaaaaaa',".repeat(20_000) + "1]}", "", "too large");
    String strings = "{'type':'string','maxLength':1024},".repeat(20);
    refused("{'anyOf':[" + strings + "true]}", "/anyOf/20", "too large");
  }

  /** Each schema is one of two that are the same, and so on: of the last one 2^depth. */
  private static String doubled(int depth) {
    StringBuilder defs = new StringBuilder();
    for (int i = 0; i < depth; i++) {
      String next = "{'$ref':'#/$defs/d" + (i + 1) + "'}";
      defs.append("'d" + i + "':{'anyOf':[" + next + "," + next + "]},");
    }
    return "{'$ref':'#/$defs/d0','$defs':{" + defs + "'d" + depth + "':{'type':'null'}}}";
  }

  @Test
  void schemasThatShareOthersAreFollowedOnceAndMoreWaysThanCanBeFollowedAreRefused() {
    assertThat(takes(doubled(10), "null")).isTrue();
    assertThatThrownBy(() -> JsonSchema.grammar(tree(doubled(39))))
        .isInstanceOf(SchemaException.class)
        .hasMessageContaining("can begin in more than 10000 ways");

    Grammar.Builder rules = new Grammar.Builder();
    int before = rules.rule();
    for (int i = 0; i < 12; i++) {
      int rule = rules.rule();
      rules.way(before, Grammar.call(rule)).way(before, Grammar.call(rule));
      before = rule;
    }
    rules.way(before, Grammar.text("x")).way(before);
    Automaton automaton = new Automaton(rules.build());
    assertThat(follow(automaton, (byte) 'x')).isPresent();
  }

  @Test
  void llamaCppReadsTheSameRules() {
    String gbnf = JsonSchema.grammar(tree("{'enum':['a\\\\é',true]}")).gbnf();

    assertThat(gbnf)
        .startsWith("root ::= r1 ")
        .contains("\"\\x22a\\x5C\\x5C\\u00E9\\x22\" | \"true\"")
        .contains("[\\x20-\\x21\\x23-\\x5B\\x5D-\\x7E\\u0080-\\uD7FF\\uE000-\\U0010FFFF]");
  }
}
