package io.cria.llm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An answer that comes as server-sent events, although none was asked for, joined into the form of
 * an answer that comes whole. Also takes chunks that stand on lines of their own without the words
 * of an event stream.
 *
 * <p>Instances read one body.
 */
final class EventStream {
  private static final List<String> FIELDS =
      List.of("data:", "event:", "id:", "retry:", "error:", ":");
  private static final String TEXT = "text";
  private static final List<String> DELTAS =
      List.of("content", "reasoning_content", "reasoning", "thinking", "refusal");

  private final ObjectNode answer = JsonNodeFactory.instance.objectNode();
  private final ObjectNode choice = answer.putArray("choices").addObject();
  private final ObjectNode message = choice.putObject("message");
  private final Map<String, Pieces> pieces = new LinkedHashMap<>();
  private final StringBuilder pending = new StringBuilder();
  private String event = "";
  private boolean chunks;
  private boolean ended;
  private @Nullable JsonNode error;

  private EventStream() {}

  /**
   * A stream's answer.
   *
   * @param answer in the form of an answer that comes whole, as far as it came
   * @param isWhole whether the stream told its end
   * @param error what the server said of a failure; null where it said nothing
   */
  record Joined(ObjectNode answer, boolean isWhole, @Nullable JsonNode error) {}

  /** Whether a body without white space and mark at its start is a stream of events. */
  static boolean begins(String body) {
    return FIELDS.stream().anyMatch(field -> body.regionMatches(0, field, 0, field.length()));
  }

  /** Joins the events of a body. */
  static Joined join(String body) {
    EventStream stream = new EventStream();
    body.lines().forEach(stream::line);
    stream.endOfEvent();
    return stream.joined();
  }

  /** Joins chunks that stand one after another. */
  static Joined join(List<JsonNode> chunks) {
    EventStream stream = new EventStream();
    chunks.forEach(stream::chunk);
    return stream.joined();
  }

  private Joined joined() {
    if (!chunks) {
      answer.remove("choices");
    }
    pieces.forEach((name, said) -> (name.equals(TEXT) ? choice : message).set(name, said.all()));
    boolean finished = choice.has("finish_reason") || choice.has("finishReason");
    return new Joined(answer, ended || finished, error);
  }

  private void line(String line) {
    if (line.isBlank()) {
      endOfEvent();
      return;
    }
    int colon = line.indexOf(':');
    String field = colon < 0 ? line : line.substring(0, colon);
    String value = colon < 0 ? "" : line.substring(colon + 1);
    value = value.startsWith(" ") ? value.substring(1) : value;
    switch (field.strip().toLowerCase(Locale.ROOT)) {
      case "event" -> event = value.strip();
      case "error" -> error(value);
      case "data" -> data(value);
      default -> {
        // A comment, an id, a time to come back: nothing of the answer.
      }
    }
  }

  /** Servers that leave out the empty line between events have a whole chunk on each line. */
  private void data(String value) {
    if (value.strip().equals("[DONE]")) {
      ended = true;
    } else if (value.stripLeading().startsWith("{") && take(value)) {
      pending.setLength(0);
    } else {
      pending.append(value).append('\n');
    }
  }

  private void endOfEvent() {
    if (!pending.isEmpty()) {
      boolean unused = take(pending.toString());
      pending.setLength(0);
    }
    event = "";
  }

  /** Takes what may be a chunk; whether it was one. What was cut off in its middle is none. */
  private boolean take(String text) {
    if (event.equalsIgnoreCase("error")) {
      error(text);
      return true;
    }
    JsonNode json = ServerJson.value(text);
    if (json == null || !json.isContainerNode()) {
      return false;
    }
    chunk(json);
    return true;
  }

  private void error(String words) {
    JsonNode json = ServerJson.value(words);
    fail(
        json == null || !json.isContainerNode()
            ? JsonNodeFactory.instance.textNode(words.strip())
            : json);
  }

  private void fail(JsonNode told) {
    if (error == null) {
      error = told;
    }
  }

  private void chunk(JsonNode chunk) {
    if (ProviderError.isIn(chunk)) {
      fail(chunk);
    } else if (chunk.isArray()) {
      chunk.forEach(this::chunk);
    } else {
      keep(answer, chunk, "id");
      keep(answer, chunk, "model");
      keep(answer, chunk, "usage");
      keep(answer, chunk.path("x_groq"), "usage");
      for (JsonNode each : chunk.path("choices")) {
        if (each.isObject() && each.path("index").asInt(0) == 0) {
          chunks = true;
          keep(answer, each, "usage");
          part(each);
        }
      }
    }
  }

  private void part(JsonNode part) {
    keep(choice, part, "finish_reason");
    keep(choice, part, "finishReason");
    keep(choice, part, "error");
    add(TEXT, part.path(TEXT));
    JsonNode delta = part.path("delta");
    for (String name : DELTAS) {
      add(name, delta.path(name));
    }
    if (!delta.isObject() && part.path("message").isObject()) {
      message.setAll((ObjectNode) part.path("message"));
    }
  }

  private void add(String name, JsonNode more) {
    if (more.isTextual() || more.isContainerNode()) {
      pieces.computeIfAbsent(name, unused -> new Pieces()).add(more);
    }
  }

  /** Some servers write the word "null" until there is a reason. */
  private static void keep(ObjectNode target, JsonNode source, String name) {
    JsonNode value = source.path(name);
    if (!ServerJson.saysNothing(value) && !"null".equalsIgnoreCase(value.textValue())) {
      target.set(name, value);
    }
  }

  /** Texts are joined; other parts are lined up with them. */
  private static final class Pieces {
    private final ArrayNode parts = JsonNodeFactory.instance.arrayNode();
    private final StringBuilder text = new StringBuilder();

    void add(JsonNode more) {
      if (more.isTextual()) {
        text.append(more.textValue());
      } else {
        endText();
        if (more.isArray()) {
          more.forEach(parts::add);
        } else {
          parts.add(more);
        }
      }
    }

    JsonNode all() {
      if (parts.isEmpty()) {
        return JsonNodeFactory.instance.textNode(text.toString());
      }
      endText();
      return parts;
    }

    private void endText() {
      if (!text.isEmpty()) {
        parts.add(text.toString());
        text.setLength(0);
      }
    }
  }
}
