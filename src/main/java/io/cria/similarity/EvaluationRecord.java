package io.cria.similarity;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.cria.task.CriaException;
import io.cria.task.UserText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;

/**
 * A record of an evaluation set, in one of the shapes that such sets have: what is asked is {@code
 * instruction} (with {@code input}, or with {@code instances} of input and output), {@code
 * question}, {@code prompt}, or what users say in {@code messages}. A reference is {@code
 * references}, {@code reference}, {@code output}, {@code completion}, {@code answer} or {@code
 * response}, or what the assistant says.
 *
 * @param place file and line, or file and element, for messages
 * @param line of the file, or element of its array, from 0
 * @param row among the file's records, from 0
 */
public record EvaluationRecord(String place, int line, long row, JsonNode object) {
  private static final List<String> ASKED = List.of("instruction", "question", "prompt");
  private static final List<String> REFERENCES =
      List.of("reference", "output", "completion", "answer", "response");
  private static final List<String> IDS = List.of("id", "task_id", "question_id");
  private static final String SEVERAL = "references";
  private static final String MESSAGES = "messages";
  private static final String INSTANCES = "instances";

  /** Where one of two groups is put into an instruction of the shipped set. */
  private static final String WHO = "{who}";

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /**
   * An instruction's input with good answers to it.
   *
   * @param input may be empty
   * @param references may be none
   */
  public record Case(String input, List<String> references) {
    public Case {
      references = List.copyOf(references);
    }
  }

  /**
   * The records of a file: JSON objects, one a line, or in an array.
   *
   * @param file its name, for places
   * @throws CriaException (bad input) naming the place of what is no such object
   */
  public static List<EvaluationRecord> of(String file, String text) {
    String content = UserText.withoutMark(text);
    List<EvaluationRecord> records = new ArrayList<>();
    if (content.stripLeading().startsWith("[")) {
      JsonNode array = parsed(content, file);
      for (int i = 0; i < array.size(); i++) {
        records.add(object(array.get(i), file + "[" + i + "]", i, i));
      }
      return records;
    }
    String[] lines = content.split("\n", -1);
    for (int i = 0; i < lines.length; i++) {
      if (!lines[i].isBlank()) {
        String place = file + ":" + (i + 1);
        records.add(object(parsed(lines[i], place), place, i, records.size()));
      }
    }
    return records;
  }

  private static JsonNode parsed(String text, String place) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw CriaException.badInput(
          place + ": not valid JSON: write one whole JSON object a line, each key once");
    }
  }

  private static EvaluationRecord object(JsonNode object, String place, int line, long row) {
    if (!object.isObject()) {
      throw CriaException.badInput(
          place + ": not a JSON object: give one record {…} a line, or an array of them");
    }
    return new EvaluationRecord(place, line, row, object);
  }

  /** The name it gives itself. */
  public Optional<String> id() {
    return IDS.stream()
        .map(object::path)
        .filter(id -> id.isValueNode() && !id.asText("").isBlank())
        .map(JsonNode::asText)
        .findFirst();
  }

  /**
   * What is asked.
   *
   * @throws CriaException (bad input) where nothing is
   */
  public String instruction() {
    if (object.path(MESSAGES).isArray()) {
      return asked(said("user"), MESSAGES);
    }
    String key =
        ASKED.stream()
            .filter(object::has)
            .findFirst()
            .orElseThrow(
                () ->
                    unusable(
                        "no instruction, question, prompt or messages: the record has "
                            + String.join(
                                ", ", object.propertyStream().map(Map.Entry::getKey).toList())));
    return asked(text(object.get(key), key), key);
  }

  /** Its inputs with their references, at least one. */
  public List<Case> cases() {
    if (object.path(MESSAGES).isArray()) {
      String said = said("assistant");
      return List.of(new Case("", said.isEmpty() ? List.of() : List.of(said)));
    }
    JsonNode instances = object.path(INSTANCES);
    List<Case> cases = new ArrayList<>();
    if (instances.isArray()) {
      instances.forEach(instance -> cases.add(of(instance)));
    }
    return cases.isEmpty() ? List.of(of(object)) : cases;
  }

  private Case of(JsonNode from) {
    String input = from.hasNonNull("input") ? text(from.get("input"), "input") : "";
    List<String> references = new ArrayList<>();
    if (from.hasNonNull(SEVERAL)) {
      from.get(SEVERAL).forEach(one -> references.add(text(one, SEVERAL)));
    } else {
      REFERENCES.stream()
          .filter(from::hasNonNull)
          .findFirst()
          .ifPresent(key -> references.add(text(from.get(key), key)));
    }
    references.removeIf(String::isBlank);
    return new Case(input, references);
  }

  /** The items that it is held against examples as: one, or as many as its cases or groups. */
  public List<EvaluationItem> items() {
    String name = id().orElse(place);
    String instruction = instruction();
    List<String> instructions =
        instruction.contains(WHO) && object.has("a") && object.has("b")
            ? List.of(
                instruction.replace(WHO, text(object.get("a"), "a")),
                instruction.replace(WHO, text(object.get("b"), "b")))
            : List.of(instruction);
    List<EvaluationItem> items = new ArrayList<>();
    for (String one : instructions) {
      for (Case each : cases()) {
        items.add(
            new EvaluationItem(name, one, each.input(), String.join("\n", each.references())));
      }
    }
    return items;
  }

  private String asked(String text, String key) {
    if (text.isBlank()) {
      throw unusable("its " + key + " is empty: nothing can be asked by it; remove it");
    }
    return text;
  }

  /** A text or a number; of a list its texts, a line break between each two. */
  private String text(JsonNode value, String key) {
    if (value.isTextual() || value.isNumber()) {
      return value.asText();
    }
    if (!value.isArray()) {
      throw unusable("its " + key + " is no text: write it as one");
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode element : value) {
      texts.add(text(element, key));
    }
    return String.join("\n", texts);
  }

  /** What one side says in a chat; content may be a text, or parts of which some have one. */
  private String said(String role) {
    List<String> said = new ArrayList<>();
    for (JsonNode message : object.get(MESSAGES)) {
      if (!message.path("role").asText().equals(role)) {
        continue;
      }
      JsonNode content = message.path("content");
      if (content.isTextual()) {
        said.add(content.asText());
      } else {
        StreamSupport.stream(content.spliterator(), false)
            .filter(part -> part.path("text").isTextual())
            .forEach(part -> said.add(part.get("text").asText()));
      }
    }
    return String.join("\n", said);
  }

  private CriaException unusable(String what) {
    return CriaException.badInput(place + ": " + what);
  }
}
