package io.cria.page;

import java.util.Map;

/** A request that is refused, with the words that the page shows. */
public final class PageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  static final int BAD_REQUEST = 400;
  static final int UNAUTHORIZED = 401;
  static final int FORBIDDEN = 403;
  static final int NOT_FOUND = 404;
  static final int WRONG_METHOD = 405;
  static final int CONFLICT = 409;
  static final int TOO_LARGE = 413;
  static final int TOO_MANY = 429;
  static final int UNAVAILABLE = 503;

  private final int status;
  private final int retryAfterSeconds;
  private final transient Map<String, String> told;

  PageException(int status, String message) {
    this(status, message, 0, Map.of());
  }

  private PageException(
      int status, String message, int retryAfterSeconds, Map<String, String> told) {
    super(message);
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
    this.told = Map.copyOf(told);
  }

  /** What was asked makes no sense here. */
  public static PageException badRequest(String message) {
    return new PageException(BAD_REQUEST, message);
  }

  /** Whoever asks may not, as things stand. */
  public static PageException forbidden(String message) {
    return new PageException(FORBIDDEN, message);
  }

  /** There is no such thing. */
  public static PageException notFound(String message) {
    return new PageException(NOT_FOUND, message);
  }

  /** It would go against what is there already. */
  public static PageException conflict(String message) {
    return new PageException(CONFLICT, message);
  }

  /**
   * Likewise.
   *
   * @param told what the page needs to go on, beside the words
   */
  public static PageException conflict(String message, Map<String, String> told) {
    return new PageException(CONFLICT, message, 0, told);
  }

  /** It is more than the page takes. */
  public static PageException tooLarge(String message) {
    return new PageException(TOO_LARGE, message);
  }

  /** Whoever asks has asked often enough for now. */
  public static PageException tooMany(String message, int retryAfterSeconds) {
    return new PageException(TOO_MANY, message, retryAfterSeconds, Map.of());
  }

  /** Nothing can be done just now. */
  public static PageException unavailable(String message, int retryAfterSeconds) {
    return new PageException(UNAVAILABLE, message, retryAfterSeconds, Map.of());
  }

  /** Of the HTTP answer. */
  public int status() {
    return status;
  }

  /** What the answer holds beside the words. */
  Map<String, String> told() {
    return told;
  }

  /** When to ask again; 0 where asking again helps nothing. */
  int retryAfterSeconds() {
    return retryAfterSeconds;
  }
}
