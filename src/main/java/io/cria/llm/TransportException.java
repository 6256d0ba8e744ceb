package io.cria.llm;

/** No whole HTTP answer came. The message is one line without secrets. */
final class TransportException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** How far the exchange got. */
  enum Reached {
    /** No connection was made: nothing was sent. */
    NOTHING,
    /** The request was, or may have been, sent: it may have been billed. */
    SERVER
  }

  private final Reached reached;

  TransportException(Reached reached, String message, Throwable cause) {
    super(message, cause);
    this.reached = reached;
  }

  TransportException(Reached reached, String message) {
    super(message);
    this.reached = reached;
  }

  Reached reached() {
    return reached;
  }
}
