package io.cria.llm;

import io.cria.task.Decoding;
import io.cria.task.Message;
import java.nio.charset.StandardCharsets;
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
      return prompt.getBytes(StandardCharsets.UTF_8).length;
    }
    return messages.stream()
        .mapToLong(message -> message.content().getBytes(StandardCharsets.UTF_8).length)
        .sum();
  }
}
