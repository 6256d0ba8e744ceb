package io.cria.task;

import java.util.Objects;

/**
 * One message of a chat, or one of the texts that are to be moderated.
 *
 * @param role {@code system}, {@code user}, {@code assistant} or {@code input}
 * @param content its text
 */
public record Message(String role, String content) {
  public static final String SYSTEM = "system";
  public static final String USER = "user";
  public static final String ASSISTANT = "assistant";

  /** A text to be moderated: said by nobody to anybody. */
  public static final String INPUT = "input";

  public Message {
    Objects.requireNonNull(role, "role");
    Objects.requireNonNull(content, "content");
  }
}
