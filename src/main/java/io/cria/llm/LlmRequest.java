package io.cria.llm;

import io.cria.task.Decoding;
import io.cria.task.Message;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One question to a model. Exactly one of {@code prompt} and {@code messages} is given.
 *
 * @param requestKey {@link RequestKey} of the content and {@code sample}
 * @param stage the stage that asks
 * @param round its round, from 0
 * @param row its place in the round, from 0
 * @param sample which request of this content it is, from 0
 * @param model the model's name as the server knows it
 * @param prompt raw prompt, for {@link Dialect#COMPLETIONS}
 * @param messages chat, for {@link Dialect#CHAT}; empty where a prompt is given
 * @param decoding how to decode
 */
public record LlmRequest(
    String requestKey,
    String stage,
    int round,
    int row,
    int sample,
    String model,
    @Nullable String prompt,
    List<Message> messages,
    Decoding decoding) {
  public LlmRequest {
    Objects.requireNonNull(requestKey, "requestKey");
    Objects.requireNonNull(stage, "stage");
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(decoding, "decoding");
    messages = List.copyOf(messages);
    if ((prompt == null) == messages.isEmpty()) {
      throw new IllegalArgumentException("a request has either a prompt or messages");
    }
  }

  /** A request for the completions dialect, its key computed. */
  public static LlmRequest ofPrompt(
      String stage,
      int round,
      int row,
      int sample,
      String model,
      String prompt,
      Decoding decoding) {
    String key = RequestKey.of(model, prompt, List.of(), decoding, sample);
    return new LlmRequest(key, stage, round, row, sample, model, prompt, List.of(), decoding);
  }

  /** A request for the chat dialect, its key computed. */
  public static LlmRequest ofMessages(
      String stage,
      int round,
      int row,
      int sample,
      String model,
      List<Message> messages,
      Decoding decoding) {
    String key = RequestKey.of(model, null, messages, decoding, sample);
    return new LlmRequest(key, stage, round, row, sample, model, null, messages, decoding);
  }

  /** UTF-8 bytes of the prompt, or of the messages' contents. */
  long promptBytes() {
    if (prompt != null) {
      return utf8Length(prompt);
    }
    long bytes = 0;
    for (Message message : messages) {
      bytes += utf8Length(message.content());
    }
    return bytes;
  }

  /** A surrogate without its partner becomes one byte, a question mark. */
  static long utf8Length(String text) {
    long bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        bytes++;
      } else if (c < 0x800) {
        bytes += 2;
      } else if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        bytes += 4;
        i++;
      } else {
        bytes += Character.isSurrogate(c) ? 1 : 3;
      }
    }
    return bytes;
  }
}
