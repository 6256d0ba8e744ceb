package io.cria.serve;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.decoding.Choice;
import io.cria.template.ToolCalls;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An answer, read for calls of tools. What looks like a call and is none stays text.
 *
 * @param content the text around the calls; null where there is none beside them
 */
record CalledTools(@Nullable String content, List<Call> calls) {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  private static final String TOOL_CALLS = "tool_calls";

  /**
   * @param arguments the text of a JSON object
   */
  record Call(String name, String arguments) {}

  CalledTools {
    calls = List.copyOf(calls);
  }

  static CalledTools of(String text) {
    List<Call> calls = new ArrayList<>();
    StringBuilder content = new StringBuilder();
    int at = 0;
    int open = text.indexOf(ToolCalls.OPEN);
    while (open >= 0) {
      int inner = open + ToolCalls.OPEN.length();
      int close = text.indexOf(ToolCalls.CLOSE, inner);
      Optional<Call> call = call(text.substring(inner, close < 0 ? text.length() : close));
      if (call.isPresent()) {
        content.append(text, at, open);
        calls.add(call.get());
        at = close < 0 ? text.length() : close + ToolCalls.CLOSE.length();
      }
      open = text.indexOf(ToolCalls.OPEN, Math.max(inner, at));
    }
    content.append(text, at, text.length());
    if (calls.isEmpty()) {
      return new CalledTools(text, calls);
    }
    String around = content.toString().strip();
    return new CalledTools(around.isEmpty() ? null : around, calls);
  }

  /** With so many of its calls at most. */
  CalledTools first(int most) {
    return new CalledTools(content, calls.subList(0, Math.min(most, calls.size())));
  }

  private static Optional<Call> call(String json) {
    try {
      JsonNode call = JSON.readTree(json);
      JsonNode arguments = call.path("arguments");
      return call.path("name").isTextual() && arguments.isObject()
          ? Optional.of(new Call(call.path("name").asText(), arguments.toString()))
          : Optional.empty();
    } catch (JsonProcessingException e) {
      return Optional.empty(); // the model has written no JSON
    }
  }

  String finishReason(Choice choice) {
    return calls.isEmpty() ? choice.finishReason() : TOOL_CALLS;
  }
}
