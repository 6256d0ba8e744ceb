package io.cria.serve;

import io.cria.task.Decoding;
import io.cria.task.Message;
import io.cria.task.TextGenerator.Generated;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;

/** A backend that gives what a test tells it to and remembers what it was asked. */
final class ScriptedBackend implements Backend {
  final CountDownLatch asked = new CountDownLatch(1);
  volatile int alive = 2;
  volatile boolean isClosed;
  volatile String prompt = "";
  volatile List<Message> messages = List.of();
  volatile Decoding decoding =
      new Decoding(1, null, null, null, null, null, null, List.of(), java.util.Map.of(), null);
  volatile Supplier<Generated> answer = () -> new Generated("wool", "stop", 3, 1);

  @Override
  public String modelName() {
    return "scripted";
  }

  @Override
  public int contextLength() {
    return 2048;
  }

  @Override
  public int alive() {
    return alive;
  }

  @Override
  public Generated complete(String prompt, Decoding decoding) {
    this.prompt = prompt;
    this.decoding = decoding;
    asked.countDown();
    return answer.get();
  }

  @Override
  public Generated chat(List<Message> messages, Decoding decoding) {
    this.messages = messages;
    return complete("", decoding);
  }

  @Override
  public void close() {
    isClosed = true;
  }
}
