package io.cria.prompt;

import io.cria.task.Message;
import java.util.List;
import java.util.Objects;

/**
 * A prompt ready to be sent.
 *
 * @param text what the completions dialect sends; the model goes on from its end
 * @param demonstrationIds ids of the sampled seeds and candidates, in the order they appear; empty
 *     where the demonstrations are fixed
 * @param openNumber the number left open at the end, which the parser needs; 0 where nothing is
 *     numbered
 */
public record BuiltPrompt(String text, List<String> demonstrationIds, int openNumber) {
  public BuiltPrompt {
    Objects.requireNonNull(text, "text");
    demonstrationIds = List.copyOf(demonstrationIds);
    if (openNumber < 0) {
      throw new IllegalArgumentException("openNumber is negative: " + openNumber);
    }
  }

  static BuiltPrompt of(String text) {
    return new BuiltPrompt(text, List.of(), 0);
  }

  /** What the chat dialect sends: {@code systemMessage}, then the prompt as the user's message. */
  public List<Message> messages(String systemMessage) {
    return List.of(new Message(Message.SYSTEM, systemMessage), new Message(Message.USER, text));
  }
}
