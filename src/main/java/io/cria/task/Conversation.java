package io.cria.task;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A chat with all that its messages may carry. Values are those of JSON: texts, numbers, truth
 * values, null, lists, and maps by text.
 *
 * @param messages oldest first; each has a {@code role}, and as a rule a {@code content}, and may
 *     have {@code reasoning_content}, {@code tool_calls} and whatever else a chat template reads
 * @param tools what the model may call; empty for none
 * @param context places, from 0, of messages of the assistant that are read and not learnt
 */
public record Conversation(
    List<Map<String, @Nullable Object>> messages,
    List<@Nullable Object> tools,
    Set<Integer> context) {
  /** With every answer learnt. */
  public Conversation(List<Map<String, @Nullable Object>> messages, List<@Nullable Object> tools) {
    this(messages, tools, Set.of());
  }

  public Conversation {
    List<Map<String, @Nullable Object>> copies = new ArrayList<>();
    for (Map<String, @Nullable Object> message : messages) {
      if (!(message.get("role") instanceof String role) || role.isEmpty()) {
        throw new IllegalArgumentException("a message has no role");
      }
      copies.add(Collections.unmodifiableMap(new LinkedHashMap<>(message)));
    }
    messages = Collections.unmodifiableList(copies);
    tools = Collections.unmodifiableList(new ArrayList<>(tools));
    context = Set.copyOf(context);
  }

  /** A chat of texts alone. */
  public static Conversation of(List<Message> messages) {
    List<Map<String, @Nullable Object>> maps = new ArrayList<>();
    for (Message message : messages) {
      Map<String, @Nullable Object> map = new LinkedHashMap<>();
      map.put("role", message.role());
      map.put("content", message.content());
      maps.add(map);
    }
    return new Conversation(maps, List.of());
  }

  /**
   * A question: the instruction, and after a blank line its input.
   *
   * @param input may be empty
   */
  public static Conversation question(String instruction, String input) {
    return of(List.of(new Message(Message.USER, asked(instruction, input))));
  }

  /** A question as {@link #question}, and its answer. */
  public static Conversation answered(String instruction, String input, String output) {
    return of(
        List.of(
            new Message(Message.USER, asked(instruction, input)),
            new Message(Message.ASSISTANT, output)));
  }

  private static String asked(String instruction, String input) {
    return input.isEmpty() ? instruction : instruction + "\n\n" + input;
  }
}
