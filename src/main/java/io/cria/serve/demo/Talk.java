package io.cria.serve.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.cria.page.PageException;
import io.cria.task.Message;
import java.util.ArrayList;
import java.util.List;

/**
 * A conversation as the page sends it: the visitor and the model in turn, the visitor first and
 * last.
 */
record Talk(List<Message> messages) {
  /** UTF-16 units that one message of a visitor may have. */
  static final int MOST_OF_MESSAGE = 4_000;

  /** Of all messages together. */
  static final int MOST_OF_ALL = 24_000;

  static final int MOST_MESSAGES = 41;

  Talk {
    messages = List.copyOf(messages);
  }

  /**
   * @throws PageException when it is none, or too long
   */
  static Talk of(JsonNode said) {
    if (!said.isArray() || said.isEmpty()) {
      throw PageException.badRequest("the body lacks the list 'messages'");
    }
    if (said.size() > MOST_MESSAGES) {
      throw PageException.tooLarge("The conversation is too long: begin a new one.");
    }
    List<Message> messages = new ArrayList<>();
    int length = 0;
    for (JsonNode each : said) {
      Message message = message(each, messages.size() % 2 == 0);
      length += message.content().length();
      messages.add(message);
    }
    if (length > MOST_OF_ALL) {
      throw PageException.tooLarge("The conversation is too long: begin a new one.");
    }
    if (messages.size() % 2 == 0) {
      throw PageException.badRequest("the last message is not the visitor's");
    }
    return new Talk(messages);
  }

  private static Message message(JsonNode said, boolean isVisitor) {
    String role = isVisitor ? Message.USER : Message.ASSISTANT;
    String content = said.path("content").asText("");
    if (!said.path("role").asText("").equals(role) || content.isBlank()) {
      throw PageException.badRequest("a message is empty or out of turn: " + role + " is next");
    }
    if (isVisitor && content.length() > MOST_OF_MESSAGE) {
      throw PageException.tooLarge(
          "The message has more than " + MOST_OF_MESSAGE + " characters: shorten it.");
    }
    return new Message(role, content);
  }
}
