package io.cria.dataset;

import io.cria.task.Message;
import java.util.Map;
import java.util.Optional;

/** Who speaks in ShareGPT's records, and what chat templates call them. */
final class ShareGptSpeakers {
  private static final Map<String, String> ROLES =
      Map.of(
          "human", Message.USER,
          "user", Message.USER,
          "gpt", Message.ASSISTANT,
          "assistant", Message.ASSISTANT,
          "model", Message.ASSISTANT,
          "function_call", Message.ASSISTANT,
          "system", "system",
          "tool", "tool",
          "observation", "tool");

  private static final Map<String, String> WRITTEN =
      Map.of(Message.USER, "human", Message.ASSISTANT, "gpt");

  private ShareGptSpeakers() {}

  /** The role of a speaker; empty for one that is not known. */
  static Optional<String> role(String speaker) {
    return Optional.ofNullable(ROLES.get(speaker));
  }

  /** The speaker that a role is written as. */
  static String of(String role) {
    return WRITTEN.getOrDefault(role, role);
  }
}
