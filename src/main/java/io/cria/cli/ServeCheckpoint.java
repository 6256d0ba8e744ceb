package io.cria.cli;

import io.cria.serve.OpenAiServer;
import io.cria.sft.TunedModel;
import java.time.Clock;
import java.util.concurrent.CountDownLatch;

/** A checkpoint behind the OpenAI-compatible server, in this process, one request at a time. */
final class ServeCheckpoint implements AutoCloseable {
  private final OpenAiServer server;
  private final String description;
  private final CountDownLatch closed = new CountDownLatch(1);

  private ServeCheckpoint(OpenAiServer server, String description) {
    this.server = server;
    this.description = description;
  }

  /**
   * Begins to listen.
   *
   * @param model closed with the server
   * @param name what clients call the model
   */
  static ServeCheckpoint start(TunedModel model, String name, String host, int port) {
    CheckpointBackend backend = new CheckpointBackend(model, name);
    try {
      OpenAiServer server = OpenAiServer.start(backend, host, port, Clock.systemUTC());
      return new ServeCheckpoint(
          server,
          backend.modelName()
              + " at "
              + server.baseUrl()
              + " ("
              + backend.contextLength()
              + " tokens of context"
              + model.notice().map(notice -> "; " + notice + ")").orElse(")"));
    } catch (RuntimeException e) {
      backend.close();
      throw e;
    }
  }

  String baseUrl() {
    return server.baseUrl();
  }

  String describe() {
    return description;
  }

  /** Waits until it was closed. */
  void join() throws InterruptedException {
    closed.await();
  }

  @Override
  public void close() {
    synchronized (closed) {
      if (closed.getCount() > 0) {
        server.close();
        closed.countDown();
      }
    }
  }
}
