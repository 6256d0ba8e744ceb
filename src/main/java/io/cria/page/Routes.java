package io.cria.page;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a server answers: pages of the class path, values that are read, and what is done. A handler
 * returns what Jackson writes; it refuses by {@link PageException}.
 */
public final class Routes {
  final Map<String, String> pages = new LinkedHashMap<>();
  final Map<String, Handler> reads = new LinkedHashMap<>();
  final Map<String, Handler> actions = new LinkedHashMap<>();
  final Map<String, Streaming> streams = new LinkedHashMap<>();

  /** Answers one request; called by several threads at once. */
  @FunctionalInterface
  public interface Handler {
    Object answer(PageRequest request);
  }

  /** Answers one request bit by bit; called by several threads at once. */
  @FunctionalInterface
  public interface Streaming {
    /**
     * A refusal before the first bit is an HTTP answer of its own; after it, it is the last line.
     *
     * @throws InterruptedException when the server closes
     */
    void answer(PageRequest request, Lines lines) throws InterruptedException;
  }

  /** Lines of JSON on their way to the page. */
  @FunctionalInterface
  public interface Lines {
    /**
     * Sends a line at once.
     *
     * @param value what Jackson writes
     * @throws GoneException when nobody reads any more
     */
    void send(Object value);
  }

  /** Whoever asked has gone. */
  public static final class GoneException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public GoneException(Throwable cause) {
      super("whoever asked has gone", cause);
    }
  }

  /**
   * @param path such as {@code /}
   * @param file one of this package's HTML files
   */
  public Routes page(String path, String file) {
    pages.put(path, file);
    return this;
  }

  /** What a GET of the path reads. It changes nothing. */
  public Routes read(String path, Handler handler) {
    reads.put(path, handler);
    return this;
  }

  /** What a POST to the path does. Only the server's own pages can call it. */
  public Routes action(String path, Handler handler) {
    actions.put(path, handler);
    return this;
  }

  /** What a POST to the path does while it tells of it, by {@code application/x-ndjson}. */
  public Routes stream(String path, Streaming handler) {
    streams.put(path, handler);
    return this;
  }
}
