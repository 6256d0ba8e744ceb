package io.cria.serve;

import java.util.concurrent.CountDownLatch;

/** A server with what there is to say of it, until it is closed. */
public final class ServedModel implements AutoCloseable {
  private final CountDownLatch closed = new CountDownLatch(1);
  private final OpenAiServer server;
  private final String description;

  /**
   * @param server closed with this
   * @param description one line for a person
   */
  public ServedModel(OpenAiServer server, String description) {
    this.server = server;
    this.description = description;
  }

  /** The base URL for clients, {@code http://127.0.0.1:PORT/v1}. */
  public String baseUrl() {
    return server.baseUrl();
  }

  /** One line for a person: model, address, size. */
  public String describe() {
    return description;
  }

  /** Waits until {@link #close} was called. */
  public void join() throws InterruptedException {
    closed.await();
  }

  /**
   * Lets requests at work finish for a few seconds, then ends the server and what answers. May be
   * called again, from a shutdown hook too: a later call waits for the first.
   */
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
