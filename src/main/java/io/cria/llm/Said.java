package io.cria.llm;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a model said in one choice of an answer, in all the forms that servers give it: a text, a
 * list of parts of which only those of text are the answer, an object with a text, beside the
 * choice where another dialect has it.
 *
 * @param text the answer; null where there is none
 * @param refusal the model's words for not answering; null where it does not decline
 * @param reasoning what it thought aloud; empty where it did not
 */
record Said(@Nullable String text, @Nullable String refusal, String reasoning) {
  private static final List<String> REASONING =
      List.of("reasoning_content", "reasoning", "thinking", "thoughts");

  /**
   * Reads a choice.
   *
   * @param dialect whose place of the text is looked at first
   */
  static Said of(JsonNode choice, Dialect dialect) {
    JsonNode message = choice.path("message");
    if (!message.isObject() && choice.path("delta").isObject()) {
      message = choice.path("delta");
    }
    Collector inMessage = new Collector();
    inMessage.content(message.isTextual() ? message : message.path("content"));
    Collector inChoice = new Collector();
    inChoice.content(choice.path("text"));
    boolean chat = dialect == Dialect.CHAT;
    Collector first = chat ? inMessage : inChoice;
    Collector second = chat ? inChoice : inMessage;
    for (String name : REASONING) {
      inMessage.think(message.path(name));
      inMessage.think(choice.path(name));
    }
    inMessage.refuse(message.path("refusal"));
    return new Said(
        first.text == null ? second.text() : first.text(),
        inMessage.refusal == null ? null : inMessage.refusal.toString(),
        inMessage.reasoning.toString() + inChoice.reasoning);
  }

  /** Whether there is no text but, at most, white space. */
  boolean isBlank() {
    return text == null || text.isBlank();
  }

  private static final class Collector {
    private final StringBuilder reasoning = new StringBuilder();
    private @Nullable StringBuilder text;
    private @Nullable StringBuilder refusal;

    @Nullable String text() {
      return text == null ? null : text.toString();
    }

    void content(JsonNode content) {
      if (content.isTextual()) {
        say(content.textValue());
      } else if (content.isArray()) {
        content.forEach(this::content);
      } else if (content.isObject()) {
        part(content);
      }
    }

    private void part(JsonNode part) {
      String type = part.path("type").asText("").toLowerCase(Locale.ROOT);
      switch (type) {
        case "", "text", "output_text", "message" -> {
          String words = words(part);
          if (words != null) {
            say(words);
          } else if (part.path("content").isContainerNode()) {
            content(part.path("content"));
          }
        }
        case "refusal" -> {
          JsonNode words = part.path("refusal");
          refuse(words.isMissingNode() ? part.path("text") : words);
          if (refusal == null) {
            refusal = new StringBuilder();
          }
        }
        case "thinking",
            "reasoning",
            "reasoning_content",
            "reasoning_text",
            "thought",
            "summary_text",
            "redacted_thinking" -> {
          think(part.path("thinking"));
          think(part.path("reasoning"));
          think(part.path("text"));
          think(part.path("summary"));
          think(part.path("content"));
          think(part.path("data"));
        }
        default -> {
          // A tool's call, a picture, what is yet to be invented: no part of the answer's text.
        }
      }
    }

    /** Of a text part: a text, an object with its value, or, in its place, a text content. */
    private static @Nullable String words(JsonNode part) {
      JsonNode text = part.path("text");
      if (text.isObject()) {
        text = text.path("value");
      }
      return text.isTextual() ? text.textValue() : part.path("content").textValue();
    }

    private void say(String words) {
      if (text == null) {
        text = new StringBuilder();
      }
      text.append(words);
    }

    void refuse(JsonNode words) {
      if (ServerJson.saysNothing(words)) {
        return;
      }
      if (refusal == null) {
        refusal = new StringBuilder();
      }
      refusal.append(words.isTextual() ? words.textValue() : "");
    }

    void think(JsonNode words) {
      if (words.isTextual()) {
        reasoning.append(words.textValue());
      } else if (words.isArray()) {
        words.forEach(this::think);
      } else if (words.isObject()) {
        think(words.path("text"));
        think(words.path("content"));
      }
    }
  }
}
