package io.cria.pipeline;

import io.cria.config.AskConfig;
import io.cria.config.DecodingConfig;
import io.cria.config.Operation.Endpoint;
import io.cria.run.AskContext;
import io.cria.run.BesideContext;
import io.cria.stage.AnswersGiven;
import io.cria.stage.BesideStage;
import io.cria.stage.EndpointAnswers;
import io.cria.task.CriaException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A GGUF file answers: llama.cpp behind a server of ours, for as long as something is asked of it.
 * It is asked in chats, which the server lays out by the file's own template.
 */
final class GgufAnswers implements BesideStage {
  private final AskConfig asks;
  private final String gguf;
  private final EndpointAnswers answers;

  /**
   * @param asks the server, by an address of this machine
   * @param gguf the file
   */
  GgufAnswers(AnswersGiven.Asked asked, AskConfig asks, String gguf, DecodingConfig decoding) {
    this.asks = asks;
    this.gguf = gguf;
    this.answers = EndpointAnswers.onThisMachine(asked, asks, decoding);
  }

  /** Stands for the server until it is started. */
  static Endpoint endpoint() {
    return new Endpoint(
        "http://127.0.0.1/v1",
        "chat",
        Endpoint.NO_KEY,
        null,
        "llamacpp",
        null,
        null,
        null,
        null,
        Map.of());
  }

  @Override
  public String name() {
    return answers.name();
  }

  @Override
  public Optional<AskConfig> asks() {
    return Optional.of(asks);
  }

  @Override
  public void require(boolean isLocal) {
    if (!isLocal) {
      throw CriaException.badInput(
          name()
              + ": a GGUF file answers on this machine only: on a cluster give an endpoint that"
              + " every executor reaches");
    }
  }

  @Override
  public boolean run(AskContext context) {
    try (Server server = new Server(context.progress()::note)) {
      return answers.run(
          new BesideContext(
              context.spark(),
              context.run(),
              context.lock(),
              asks,
              server,
              context.identity(),
              context.prices(),
              context.progress(),
              context.stopAsked(),
              context.wish()));
    }
  }

  /** Started when its address is first asked for: where all is answered, none is. */
  private final class Server implements Supplier<String>, AutoCloseable {
    private final Consumer<String> notes;
    private @Nullable EmbeddedServer server;

    Server(Consumer<String> notes) {
      this.notes = notes;
    }

    @Override
    public String get() {
      EmbeddedServer started = server;
      if (started == null) {
        started =
            EmbeddedServer.start(
                new Endpoint(
                    null,
                    Endpoint.EMBEDDED,
                    Endpoint.NO_KEY,
                    null,
                    null,
                    gguf,
                    null,
                    null,
                    null,
                    Map.of()),
                asks.model(),
                notes);
        server = started;
      }
      return started.baseUrl();
    }

    @Override
    public void close() {
      if (server != null) {
        server.close();
      }
    }
  }
}
