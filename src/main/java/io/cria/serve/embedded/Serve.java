package io.cria.serve.embedded;

import io.cria.serve.Backend;
import io.cria.serve.OpenAiServer;
import io.cria.serve.ServedModel;
import io.cria.task.CriaException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A GGUF model behind an OpenAI-compatible server: what {@code cria serve --gguf} runs. */
public final class Serve implements AutoCloseable {
  /** Tokens below which no prompt with an answer fits. */
  private static final int LEAST_CONTEXT = 64;

  private final OpenAiServer server;
  private final WorkerPool pool;
  private final ServedModel served;

  private Serve(OpenAiServer server, WorkerPool pool, ServedModel served) {
    this.server = server;
    this.pool = pool;
    this.served = served;
  }

  /**
   * @param gguf the model's file
   * @param host a loopback address
   * @param port 0 for any free one
   * @param workers processes with the model loaded, each answering one request at a time; 0 for one
   *     a core
   * @param contextLength tokens that prompt and answer may have together; 0 for the model's own, at
   *     most 4096
   * @param modelName the name clients must give; null for the file's name without {@code .gguf}
   */
  public record Options(
      Path gguf,
      String host,
      int port,
      int workers,
      int contextLength,
      @Nullable String modelName) {
    public Options {
      requirePort(port);
      require(
          workers >= 0 && workers <= 1024,
          "--workers " + workers + ": give 1 to 1024, or 0 for one a core");
      require(
          contextLength == 0 || contextLength >= LEAST_CONTEXT,
          "--context "
              + contextLength
              + ": too few tokens for a prompt and its answer: give at least "
              + LEAST_CONTEXT
              + ", or 0 for the model's own");
    }

    /** 127.0.0.1, any free port, a worker a core, the model's own context and name. */
    public static Options of(Path gguf) {
      return new Options(gguf, "127.0.0.1", 0, 0, 0, null);
    }

    private static void require(boolean holds, String message) {
      if (!holds) {
        throw CriaException.badInput("serve: " + message);
      }
    }
  }

  /**
   * @throws CriaException (bad input) for what is no port
   */
  public static void requirePort(int port) {
    Options.require(
        port >= 0 && port <= 65535, "--port " + port + ": give 1 to 65535, or 0 for any");
  }

  /**
   * Checks the file, loads it in every worker and begins to listen.
   *
   * @throws CriaException when the file is no usable model or the address cannot be had
   */
  public static Serve start(Options options) {
    GgufHeader header = GgufHeader.read(options.gguf());
    int context = contextLength(options, header);
    int workers =
        options.workers() > 0 ? options.workers() : Runtime.getRuntime().availableProcessors();
    GgufChat chat = GgufChat.of(header, Clock.system(ZoneId.systemDefault()));
    WorkerPool pool = WorkerPool.start(options.gguf(), chat, modelName(options), context, workers);
    try {
      OpenAiServer server =
          OpenAiServer.start(pool, options.host(), options.port(), Clock.systemUTC());
      return new Serve(
          server, pool, new ServedModel(server, description(server, pool, workers, chat)));
    } catch (RuntimeException e) {
      pool.close();
      throw e;
    }
  }

  private static String description(
      OpenAiServer server, WorkerPool pool, int workers, GgufChat chat) {
    return pool.modelName()
        + " at "
        + server.baseUrl()
        + " ("
        + workers
        + (workers == 1 ? " worker, " : " workers, ")
        + pool.contextLength()
        + " tokens of context"
        + chat.notice().map(said -> "; " + said).orElse("")
        + ")";
  }

  private static int contextLength(Options options, GgufHeader header) {
    int trained =
        header.contextLength() > 0 ? header.contextLength() : LlamaGenerator.DEFAULT_CONTEXT;
    if (options.contextLength() > trained) {
      throw CriaException.badInput(
          "serve: --context "
              + options.contextLength()
              + ": longer than the model was trained for, "
              + options.gguf()
              + ": give "
              + LEAST_CONTEXT
              + " to "
              + trained
              + ", or 0 for its own, at most "
              + LlamaGenerator.DEFAULT_CONTEXT);
    }
    return options.contextLength() > 0
        ? options.contextLength()
        : Math.min(trained, LlamaGenerator.DEFAULT_CONTEXT);
  }

  private static String modelName(Options options) {
    String given = options.modelName();
    if (given != null) {
      return given;
    }
    String file = String.valueOf(options.gguf().getFileName());
    return file.endsWith(".gguf") ? file.substring(0, file.length() - ".gguf".length()) : file;
  }

  /** The base URL for clients, {@code http://127.0.0.1:PORT/v1}. */
  public String baseUrl() {
    return server.baseUrl();
  }

  public int port() {
    return server.port();
  }

  public String modelName() {
    return pool.modelName();
  }

  public int contextLength() {
    return pool.contextLength();
  }

  /** One line for a person: model, address, size. */
  public String describe() {
    return served.describe();
  }

  /** The server by itself. */
  public ServedModel served() {
    return served;
  }

  /** What answers. */
  Backend backend() {
    return pool;
  }

  /** Process ids of the workers alive now. */
  public List<Long> workerPids() {
    return pool.pids();
  }

  /** Waits until it was closed. */
  public void join() throws InterruptedException {
    served.join();
  }

  /** Ends server and workers, as {@link ServedModel#close} does. */
  @Override
  public void close() {
    served.close();
  }
}
