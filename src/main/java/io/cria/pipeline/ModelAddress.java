package io.cria.pipeline;

import io.cria.config.AskConfig;
import io.cria.config.Operation.Endpoint;
import io.cria.task.CriaException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where a model answers. The embedded model's server is started when the address is first asked
 * for, so that an invocation with nothing to send starts none, and ended with this.
 */
final class ModelAddress implements Supplier<String>, AutoCloseable {
  private final AskConfig config;
  private final boolean local;
  private final Consumer<AskConfig> before;
  private final Consumer<String> notes;
  private @Nullable EmbeddedServer server;
  private boolean looked;

  /**
   * @param local whether executors are threads of this process
   * @param before told once, before the address of whoever answers elsewhere is given out
   * @param notes told what the embedded model's server says
   */
  ModelAddress(
      AskConfig config, boolean local, Consumer<AskConfig> before, Consumer<String> notes) {
    this.config = config;
    this.local = local;
    this.before = before;
    this.notes = notes;
  }

  @Override
  public String get() {
    Endpoint endpoint = config.endpoint();
    if (endpoint.isEmbedded()) {
      return embedded(endpoint);
    }
    String url = remote(endpoint);
    if (!looked) {
      looked = true;
      before.accept(config);
    }
    return url;
  }

  private static String remote(Endpoint endpoint) {
    String url = endpoint.baseUrl();
    if (url == null) {
      throw CriaException.badInput(
          "endpoint.baseUrl is missing: give --base-url, or export OPENAI_BASE_URL");
    }
    return url;
  }

  private String embedded(Endpoint endpoint) {
    if (!local) {
      throw CriaException.badInput(
          "endpoint.dialect: the embedded model answers on this machine only; on a cluster give"
              + " --base-url of a server that every executor reaches");
    }
    EmbeddedServer started = server;
    if (started == null) {
      started = EmbeddedServer.start(endpoint, config.model(), notes);
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
