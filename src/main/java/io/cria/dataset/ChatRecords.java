package io.cria.dataset;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.task.CriaException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The messages of a record, in the form that chat templates are given them. */
final class ChatRecords {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  private static final String ROLE = "role";
  private static final String CONTENT = "content";

  private ChatRecords() {}

  /** A list of {@code {"role", "content", …}}. */
  static List<Map<String, @Nullable Object>> messages(JsonNode list, String where) {
    if (!list.isArray() || list.isEmpty()) {
      throw CriaException.badInput(
          where
              + ": the messages are no list with something in it: give [{\"role\", \"content\"}]");
    }
    List<Map<String, @Nullable Object>> messages = new ArrayList<>();
    for (JsonNode each : list) {
      if (!each.path(ROLE).isTextual() || each.path(ROLE).asText().isEmpty()) {
        throw CriaException.badInput(
            where + ": message " + (messages.size() + 1) + " has no role: give each one");
      }
      Map<String, @Nullable Object> message =
          JSON.convertValue(each, new TypeReference<LinkedHashMap<String, @Nullable Object>>() {});
      if (each.path("tool_calls").isArray()) {
        message.put("tool_calls", toolCalls(each.path("tool_calls")));
      }
      messages.add(message);
    }
    return messages;
  }

  /** The places of answers whose {@code weight} is 0: OpenAI's word for read and not learnt. */
  static Set<Integer> withoutWeight(List<Map<String, @Nullable Object>> messages) {
    Set<Integer> places = new HashSet<>();
    for (int i = 0; i < messages.size(); i++) {
      if (messages.get(i).get("weight") instanceof Number weight && weight.doubleValue() == 0) {
        places.add(i);
      }
    }
    return places;
  }

  /**
   * Arguments that are the text of an object become that object, since templates write them as
   * JSON; other texts stay.
   */
  private static Object toolCalls(JsonNode calls) {
    for (JsonNode call : calls) {
      for (JsonNode holder : List.of(call, call.path("function"))) {
        if (holder instanceof ObjectNode object && holder.path("arguments").isTextual()) {
          objectIn(holder.path("arguments").asText())
              .ifPresent(arguments -> object.set("arguments", arguments));
        }
      }
    }
    return JSON.convertValue(calls, Object.class);
  }

  private static Optional<JsonNode> objectIn(String text) {
    try {
      return Optional.of(JSON.readTree(text)).filter(JsonNode::isObject);
    } catch (JsonProcessingException e) {
      // a text that is no JSON is one
      return Optional.empty();
    }
  }

  private static JsonNode parsed(String text, String what, String where) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw CriaException.badInput(where + ": " + what + " are no JSON: repair the record");
    }
  }

  /** A list of tools, as a value or as its text; empty where there are none. */
  static List<@Nullable Object> tools(JsonNode given, String where) {
    boolean text = given.isTextual() && !given.asText().isBlank();
    JsonNode tools = text ? parsed(given.asText(), "the tools", where) : given;
    if (tools.isArray()) {
      return JSON.convertValue(tools, new TypeReference<List<@Nullable Object>>() {});
    }
    if (tools.isMissingNode() || tools.isNull() || tools.isTextual()) {
      return List.of();
    }
    throw CriaException.badInput(where + ": the tools are no list: give [{…}]");
  }

  /** {@code conversations} of {@code from} and {@code value}, with {@code system} beside them. */
  static List<Map<String, @Nullable Object>> shareGpt(JsonNode record, String where) {
    JsonNode list = record.path("conversations");
    if (!list.isArray() || list.isEmpty()) {
      throw CriaException.badInput(
          where + ": conversations is no list with something in it: give [{\"from\", \"value\"}]");
    }
    List<Map<String, @Nullable Object>> messages = new ArrayList<>();
    if (record.path("system").isTextual() && !record.path("system").asText().isBlank()) {
      messages.add(message("system", record.path("system").asText()));
    }
    for (JsonNode each : list) {
      String from = each.path("from").asText();
      String role = ShareGptSpeakers.role(from).orElse(null);
      if (role == null || !each.path("value").isTextual()) {
        throw CriaException.badInput(
            where
                + ": a turn is from '"
                + from
                + "'"
                + (role == null ? "" : " and has no text as its value")
                + ": give from (human, gpt, system, tool or function_call) and value");
      }
      String value = each.path("value").asText();
      messages.add(
          from.equals("function_call") ? functionCall(value, where) : message(role, value));
    }
    return messages;
  }

  private static Map<String, @Nullable Object> message(String role, String content) {
    Map<String, @Nullable Object> message = new LinkedHashMap<>();
    message.put(ROLE, role);
    message.put(CONTENT, content);
    return message;
  }

  /** The value is {@code {"name", "arguments"}}, or a list of such. */
  private static Map<String, @Nullable Object> functionCall(String value, String where) {
    JsonNode calls = parsed(value, "the function calls", where);
    List<Object> toolCalls = new ArrayList<>();
    for (JsonNode call : calls.isArray() ? calls : List.of(calls)) {
      ObjectNode wrapped = JSON.createObjectNode().put("type", "function");
      wrapped.set("function", call);
      toolCalls.add(wrapped);
    }
    Map<String, @Nullable Object> message = message("assistant", "");
    message.put("tool_calls", toolCalls(JSON.valueToTree(toolCalls)));
    return message;
  }
}
