package io.cria.cli;

import io.cria.serve.Backend;
import io.cria.serve.OpenAiServer;
import io.cria.sft.TunedModel;
import io.cria.task.Decoding;
import io.cria.task.Message;
import io.cria.task.TextGenerator.Generated;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

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
   * @param name what clients call the model; null for the directory's name
   */
  static ServeCheckpoint start(TunedModel model, @Nullable String name, String host, int port) {
    Answering backend = new Answering(model, name == null ? model.modelName() : name);
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

  /** Whoever asks waits for their turn, first come first served. */
  private static final class Answering implements Backend {
    private final ReentrantLock turn = new ReentrantLock(true);
    private final TunedModel model;
    private final String name;
    private boolean open = true;

    Answering(TunedModel model, String name) {
      this.model = model;
      this.name = name;
    }

    @Override
    public String modelName() {
      return name;
    }

    @Override
    public int contextLength() {
      return model.contextLength();
    }

    @Override
    public int alive() {
      return 1;
    }

    @Override
    public Generated complete(String prompt, Decoding decoding) throws InterruptedException {
      return inTurn(() -> model.complete(prompt, decoding));
    }

    @Override
    public Generated chat(List<Message> messages, Decoding decoding) throws InterruptedException {
      return inTurn(() -> model.chat(messages, decoding));
    }

    private Generated inTurn(Supplier<Generated> answer) throws InterruptedException {
      turn.lockInterruptibly();
      try {
        requireOpen();
        return answer.get();
      } catch (CancellationException e) {
        Thread.interrupted(); // now told by the exception
        throw new InterruptedException();
      } finally {
        turn.unlock();
      }
    }

    private void requireOpen() {
      if (!open) {
        throw new UnavailableException("the server is going down", 1);
      }
    }

    @Override
    public void close() {
      turn.lock();
      try {
        if (open) {
          open = false;
          model.close();
        }
      } finally {
        turn.unlock();
      }
    }
  }
}
