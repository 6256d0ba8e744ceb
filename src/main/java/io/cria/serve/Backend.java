package io.cria.serve;

import io.cria.task.Decoding;
import io.cria.task.Message;
import io.cria.task.TextGenerator.Generated;
import java.util.List;

/**
 * What answers the server's requests. Thread-safe: a caller waits, in order of arrival, until it is
 * its turn.
 */
public interface Backend extends AutoCloseable {
  /** The model's name, as an API client must give it. */
  String modelName();

  /** Tokens that prompt and answer may have together. */
  int contextLength();

  /** How many generators are alive now; with 0 every request is refused at once. */
  int alive();

  /**
   * Goes on from {@code prompt}, taken as plain text: control tokens written in it have no effect.
   *
   * @throws io.cria.task.TextGenerator.PromptTooLongException when prompt and answer do not fit the
   *     context
   * @throws UnavailableException when no generator is alive, or the one at work on this request
   *     died
   * @throws io.cria.task.CriaException (bad input) when the request is one that cannot be answered
   * @throws InterruptedException when the thread is interrupted, which says that nobody waits for
   *     the answer any more
   */
  Generated complete(String prompt, Decoding decoding) throws InterruptedException;

  /** Answers the last of {@code messages}; otherwise as {@link #complete}. */
  Generated chat(List<Message> messages, Decoding decoding) throws InterruptedException;

  @Override
  void close();

  /** Nothing can answer just now; the same request may succeed a little later. */
  final class UnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int retryAfterSeconds;

    public UnavailableException(String message, int retryAfterSeconds) {
      super(message);
      this.retryAfterSeconds = retryAfterSeconds;
    }

    public int retryAfterSeconds() {
      return retryAfterSeconds;
    }
  }
}
