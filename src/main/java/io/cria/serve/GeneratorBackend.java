package io.cria.serve;

import io.cria.task.Decoding;
import io.cria.task.Message;
import io.cria.task.TextGenerator;
import io.cria.task.TextGenerator.Generated;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;

/**
 * One {@link TextGenerator} of this process as a backend: one request at a time, first come first
 * served.
 */
public final class GeneratorBackend implements Backend {
  private final ReentrantLock turn = new ReentrantLock(true);
  private final TextGenerator generator;
  private final ChatLayout layout;
  private final UnaryOperator<String> plainText;

  /**
   * @param layout how the generator was taught to read a chat
   * @param plainText what makes the text of a message harmless to that layout
   */
  public GeneratorBackend(
      TextGenerator generator, ChatLayout layout, UnaryOperator<String> plainText) {
    this.generator = generator;
    this.layout = layout;
    this.plainText = plainText;
  }

  @Override
  public String modelName() {
    return generator.modelName();
  }

  @Override
  public int contextLength() {
    return generator.contextLength();
  }

  @Override
  public int alive() {
    return 1;
  }

  @Override
  public Generated complete(String prompt, Decoding decoding) throws InterruptedException {
    turn.lockInterruptibly();
    try {
      return generator.generate(prompt, decoding);
    } finally {
      turn.unlock();
    }
  }

  @Override
  public Generated chat(List<Message> messages, Decoding decoding) throws InterruptedException {
    List<String> stops = new ArrayList<>(decoding.stop());
    stops.addAll(layout.stops());
    return complete(layout.prompt(messages, plainText), decoding.withStop(stops));
  }

  @Override
  public void close() {
    turn.lock();
    try {
      generator.close();
    } finally {
      turn.unlock();
    }
  }
}
