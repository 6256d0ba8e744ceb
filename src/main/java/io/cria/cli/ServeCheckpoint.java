package io.cria.cli;

import io.cria.serve.OpenAiServer;
import io.cria.serve.ServedModel;
import io.cria.sft.TunedModel;
import java.time.Clock;

/** A checkpoint behind the OpenAI-compatible server, in this process, one request at a time. */
final class ServeCheckpoint {
  private ServeCheckpoint() {}

  /**
   * Begins to listen.
   *
   * @param model closed with the server
   * @param name what clients call the model
   */
  static ServedModel start(TunedModel model, String name, String host, int port) {
    CheckpointBackend backend = new CheckpointBackend(model, name);
    try {
      OpenAiServer server = OpenAiServer.start(backend, host, port, Clock.systemUTC());
      return new ServedModel(
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
}
