package io.cria.serve.demo;

import io.cria.decoding.Choice;
import io.cria.decoding.ChoiceListener;
import io.cria.decoding.Question;
import io.cria.serve.Backend;
import io.cria.serve.Feature;
import io.cria.task.Decoding;
import io.cria.task.Message;
import io.cria.task.TextListener;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** A model that writes, piece by piece, what a test tells it to, and knows what it was asked. */
final class WritingBackend implements Backend {
  /** UTF-16 units that come at once. */
  private static final int PIECE = 3;

  /** From the last message to the answer. */
  volatile UnaryOperator<String> answer = asked -> "Alpacas hum. They do so often.";

  volatile String finishReason = "stop";
  volatile List<Message> asked = List.of();
  volatile Decoding decoding =
      new Decoding(1, null, null, null, null, null, null, List.of(), java.util.Map.of(), null);

  /** What it wrote of its last answer before it was stopped, or all of it. */
  volatile String written = "";

  /** Done before every piece. */
  volatile Pause pause = () -> {};

  /** What is waited for. */
  @FunctionalInterface
  interface Pause {
    void await() throws InterruptedException;
  }

  @Override
  public String modelName() {
    return "cria-tiny";
  }

  @Override
  public int contextLength() {
    return 2048;
  }

  @Override
  public int alive() {
    return 1;
  }

  @Override
  public Optional<String> refusal(Feature feature) {
    return Optional.empty();
  }

  @Override
  public List<Choice> answer(Question question, ChoiceListener listener) {
    throw new IllegalStateException("the page chats");
  }

  @Override
  public Choice chat(List<Message> messages, Decoding decoding, TextListener listener)
      throws InterruptedException {
    asked = messages;
    this.decoding = decoding;
    String whole = answer.apply(messages.get(messages.size() - 1).content());
    StringBuilder text = new StringBuilder();
    for (int at = 0; at < whole.length(); at += PIECE) {
      pause.await();
      String piece = whole.substring(at, Math.min(whole.length(), at + PIECE));
      text.append(piece);
      if (!listener.hear(piece)) {
        break;
      }
    }
    written = text.toString();
    return new Choice(written, finishReason, 5, text.length(), List.of());
  }

  @Override
  public void close() {}
}
