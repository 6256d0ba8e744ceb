package io.cria.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import io.cria.task.Conversation;
import io.cria.task.CriaException;
import io.cria.task.Example;
import io.cria.task.Message;
import io.cria.task.TrainingExample;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The forms of a record that there is to train on. Other keys are passed over. */
enum TrainingFormat {
  /** Stanford Alpaca's; {@code input} may be absent or empty. */
  ALPACA("instruction, input and output", "instruction", "output") {
    @Override
    TrainingExample example(JsonNode record, String where) {
      String instruction = text(record, "instruction", where).strip();
      String output = text(record, "output", where).strip();
      String input = record.hasNonNull("input") ? text(record, "input", where).strip() : "";
      if (instruction.isEmpty()) {
        throw CriaException.badInput(where + ": the instruction is empty: remove the record");
      }
      return TrainingExample.task(instruction, input, output);
    }
  },

  /** A chat as OpenAI's and TRL's, with {@code tools} where there are some. */
  CHAT("messages", "messages") {
    @Override
    TrainingExample example(JsonNode record, String where) {
      List<Map<String, @Nullable Object>> messages =
          ChatRecords.messages(record.path("messages"), where);
      return fromMessages(messages, ChatRecords.withoutWeight(messages), record, where);
    }
  },

  /**
   * TRL's; both are texts or both are messages, of which the completion's are learnt. In a chat
   * form, a text is what the user and what the assistant says.
   */
  PROMPT_COMPLETION("prompt and completion", "prompt", "completion") {
    @Override
    TrainingExample example(JsonNode record, String where) {
      if (record.path("prompt").isArray()) {
        List<Map<String, @Nullable Object>> messages =
            ChatRecords.messages(record.path("prompt"), where);
        Set<Integer> asked = new HashSet<>();
        for (int i = 0; i < messages.size(); i++) {
          if (Message.ASSISTANT.equals(messages.get(i).get("role"))) {
            asked.add(i);
          }
        }
        messages.addAll(ChatRecords.messages(record.path("completion"), where));
        return fromMessages(messages, asked, record, where);
      }
      String prompt = text(record, "prompt", where);
      String completion = text(record, "completion", where);
      if (prompt.isBlank()) {
        throw CriaException.badInput(where + ": the prompt is empty: remove the record");
      }
      return new TrainingExample(
          prompt,
          "",
          completion,
          prompt,
          completion,
          Conversation.answered(prompt.strip(), "", completion.strip()),
          true);
    }
  },

  /** ShareGPT's: {@code {"from": "human" or "gpt", "value": …}}. */
  SHAREGPT("conversations", "conversations") {
    @Override
    TrainingExample example(JsonNode record, String where) {
      return fromMessages(ChatRecords.shareGpt(record, where), Set.of(), record, where);
    }
  };

  private final String description;
  private final String key;
  private final String otherKey;

  TrainingFormat(String description, String key) {
    this(description, key, key);
  }

  TrainingFormat(String description, String key, String otherKey) {
    this.description = description;
    this.key = key;
    this.otherKey = otherKey;
  }

  /**
   * @param where names the record in errors
   * @throws CriaException (bad input) when it is of another form
   */
  abstract TrainingExample example(JsonNode record, String where);

  /** The keys of all formats, for a person. */
  static String known() {
    return Arrays.stream(values())
        .map(format -> format.description)
        .collect(Collectors.joining("; "));
  }

  /** Refuses a record of another form, in a file that began with one of this. */
  void requireIn(JsonNode record, String where) {
    boolean another =
        !record.has(key)
            && Arrays.stream(values())
                .anyMatch(format -> record.has(format.key) && record.has(format.otherKey));
    if (another) {
      throw CriaException.badInput(
          where
              + ": this record is of another form than the first, which has "
              + description
              + ": give files of one form");
    }
  }

  /** The format of a file's first record. */
  static TrainingFormat of(JsonNode record, String where) {
    for (TrainingFormat format : values()) {
      if (record.has(format.key) && record.has(format.otherKey)) {
        return format;
      }
    }
    // A record that has the first key of a format is told what it lacks.
    for (TrainingFormat format : values()) {
      if (record.has(format.key)) {
        return format;
      }
    }
    throw CriaException.badInput(
        where + ": this record is of no known form: give objects with " + known());
  }

  /**
   * @param context places of messages that are read and not learnt
   */
  static TrainingExample fromMessages(
      List<Map<String, @Nullable Object>> messages,
      Set<Integer> context,
      JsonNode record,
      String where) {
    Conversation chat =
        new Conversation(messages, ChatRecords.tools(record.path("tools"), where), context);
    boolean singleTask =
        messages.size() == 2
            && chat.tools().isEmpty()
            && isText(messages.get(0), Message.USER)
            && isText(messages.get(1), Message.ASSISTANT);
    if (!singleTask) {
      return TrainingExample.chat(firstOfUser(messages), chat);
    }
    String instruction = String.valueOf(messages.get(0).get("content"));
    String output = String.valueOf(messages.get(1).get("content"));
    return new TrainingExample(
        instruction, "", output, Example.plainPrompt(instruction, ""), output, chat, true);
  }

  private static boolean isText(Map<String, @Nullable Object> message, String role) {
    return message.keySet().equals(Set.of("role", "content"))
        && role.equals(message.get("role"))
        && message.get("content") instanceof String;
  }

  private static String firstOfUser(List<Map<String, @Nullable Object>> messages) {
    return messages.stream()
        .filter(message -> Message.USER.equals(message.get("role")))
        .map(message -> String.valueOf(message.get("content")))
        .findFirst()
        .orElse("");
  }

  static String text(JsonNode record, String key, String where) {
    JsonNode value = record.path(key);
    if (!value.isTextual()) {
      throw CriaException.badInput(
          where
              + ": the key \""
              + key
              + "\" is "
              + (value.isMissingNode() ? "missing" : "no text")
              + ": give objects with "
              + of(record, where).description);
    }
    return value.asText();
  }
}
