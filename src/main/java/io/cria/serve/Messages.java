package io.cria.serve;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.decoding.Prompt;
import io.cria.task.Conversation;
import io.cria.task.Message;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The {@code messages} of a chat, and the tools beside them. */
final class Messages {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TOOL = "tool";
  private static final String CALL_ID = "tool_call_id";
  private static final Set<String> ROLES =
      Set.of(Message.SYSTEM, Message.USER, Message.ASSISTANT, TOOL);
  private static final Set<String> KEYS =
      Set.of("role", "content", "tool_calls", CALL_ID, "refusal");

  private Messages() {}

  static Prompt.Chat chat(Fields fields, Backend backend) {
    JsonNode value = fields.get("messages");
    if (!value.isArray() || value.isEmpty()) {
      throw ApiException.invalid("messages", "messages must be a list of at least one message");
    }
    List<Map<String, @Nullable Object>> messages = new ArrayList<>();
    for (JsonNode item : value) {
      String at = "messages[" + messages.size() + "]";
      fields.tellUnknown("messages[]", item, KEYS);
      messages.add(message(item, at, backend));
    }
    return new Prompt.Chat(new Conversation(messages, tools(fields, backend)));
  }

  private static List<@Nullable Object> tools(Fields fields, Backend backend) {
    JsonNode tools = fields.get("tools");
    JsonNode choice = fields.get("tool_choice");
    if (tools.isEmpty() || choice.asText().equals("none")) {
      return List.of();
    }
    ApiRequest.require(backend, Feature.TOOLS, true);
    if (!choice.isMissingNode() && !choice.asText().equals("auto")) {
      throw ApiException.invalid(
          "tool_choice",
          "whether a tool is called is the model's choice: auto or none, not " + choice);
    }
    List<@Nullable Object> list = new ArrayList<>();
    for (JsonNode tool : tools) {
      if (!tool.path("type").asText().equals("function") || !tool.path("function").has("name")) {
        throw ApiException.invalid(
            "tools[" + list.size() + "]", "a tool is of type function, with a function's name");
      }
      list.add(JSON.convertValue(tool, Object.class));
    }
    return list;
  }

  private static Map<String, @Nullable Object> message(JsonNode item, String at, Backend backend) {
    String given = item.path("role").asText();
    String role = given.equals("developer") ? Message.SYSTEM : given;
    JsonNode calls = item.path("tool_calls");
    ApiRequest.require(backend, Feature.TOOLS, role.equals(TOOL) || !calls.isEmpty());
    if (!ROLES.contains(role)) {
      throw ApiException.invalid(
          at + ".role", "a role must be system, user, assistant or tool, not '" + given + "'");
    }
    Map<String, @Nullable Object> message = new LinkedHashMap<>();
    message.put("role", role);
    message.put("content", content(item, role, at + ".content"));
    if (!calls.isEmpty()) {
      List<Object> list = new ArrayList<>();
      calls.forEach(call -> list.add(call(call, at + ".tool_calls[" + list.size() + "]")));
      message.put("tool_calls", list);
    }
    if (role.equals(TOOL) && item.path(CALL_ID).isTextual()) {
      message.put(CALL_ID, item.path(CALL_ID).asText());
    }
    return message;
  }

  /** A call as templates read it: its arguments are an object, not the text of one. */
  private static Object call(JsonNode call, String at) {
    JsonNode function = call.path("function");
    try {
      JsonNode arguments = JSON.readTree(function.path("arguments").asText());
      if (arguments.isObject() && function.path("name").isTextual()) {
        // in the order that templates write them, which a map without one would change by chance
        Map<String, @Nullable Object> called = new LinkedHashMap<>();
        called.put("name", function.path("name").asText());
        called.put("arguments", JSON.convertValue(arguments, Object.class));
        Map<String, @Nullable Object> whole = new LinkedHashMap<>();
        whole.put("id", call.path("id").asText());
        whole.put("type", "function");
        whole.put("function", called);
        return whole;
      }
    } catch (JsonProcessingException e) {
      throw ApiException.invalid(
          at + ".function.arguments", "arguments must be the text of a JSON object");
    }
    throw ApiException.invalid(at, "a call has a function with a name and arguments");
  }

  private static String content(JsonNode item, String role, String at) {
    JsonNode content = item.path("content");
    if (content.isTextual()) {
      return content.asText();
    }
    boolean isOfCalls = content.isMissingNode() && !item.path("tool_calls").isEmpty();
    if ((content.isNull() || isOfCalls) && role.equals(Message.ASSISTANT)) {
      return "";
    }
    if (!content.isArray() || content.isEmpty()) {
      throw ApiException.invalid(at, "a message's content must be text");
    }
    StringBuilder text = new StringBuilder();
    for (JsonNode part : content) {
      if (!part.path("type").asText().equals("text") || !part.path("text").isTextual()) {
        throw ApiException.invalid(at, "only parts of type text are served");
      }
      text.append(part.path("text").asText());
    }
    return text.toString();
  }
}
