package io.cria.serve;

import io.cria.serve.Backend.UnavailableException;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.TextGenerator.PromptTooLongException;
import org.jspecify.annotations.Nullable;

/** A refusal in the API's own terms: HTTP status and the four fields of its error object. */
final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  static final String INVALID = "invalid_request_error";
  private static final String FAULT = "server_error";

  private final int status;
  private final String type;
  private final @Nullable String param;
  private final @Nullable String code;
  private final int retryAfterSeconds;

  private ApiException(
      int status,
      String type,
      String message,
      @Nullable String param,
      @Nullable String code,
      int retryAfterSeconds) {
    super(message, null, false, false);
    this.status = status;
    this.type = type;
    this.param = param;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** What the client did wrong. */
  ApiException(int status, String message, @Nullable String param, @Nullable String code) {
    this(status, INVALID, message, param, code, 0);
  }

  /** A value of the request that cannot be served, 400. */
  static ApiException invalid(String param, String message) {
    return new ApiException(400, message, param, null);
  }

  /** Nothing answers just now, 503. */
  static ApiException unavailable(String message, int retryAfterSeconds) {
    return new ApiException(503, FAULT, message, null, "unavailable", retryAfterSeconds);
  }

  /** What stands in this parameter, with its answer, is too long for the model, 400. */
  static ApiException tooLong(PromptTooLongException e, String param) {
    return new ApiException(400, String.valueOf(e.getMessage()), param, "context_length_exceeded");
  }

  /** What became of a request, in the API's terms. */
  static ApiException of(Throwable e) {
    String message = String.valueOf(e.getMessage());
    if (e instanceof ApiException refusal) {
      return refusal;
    }
    if (e instanceof UnavailableException unavailable) {
      return unavailable(message, unavailable.retryAfterSeconds());
    }
    if (e instanceof InterruptedException) {
      return unavailable("the server is closing", 1);
    }
    if (e instanceof StackOverflowError || e instanceof OutOfMemoryError) {
      return new ApiException(
          500,
          FAULT,
          "the memory does not do for the request ("
              + e
              + "): ask for less in one request, or start the"
              + " server with a larger heap, CRIA_HEAP",
          null,
          null,
          0);
    }
    if (e instanceof CriaException known) {
      return known.exitCode() == ExitCode.BAD_INPUT
          ? new ApiException(400, message, null, null)
          : new ApiException(500, FAULT, message, null, null, 0);
    }
    return new ApiException(
        500,
        FAULT,
        "the model failed ("
            + e
            + "): ask again, and look at the server's output if that helps not",
        null,
        null,
        0);
  }

  int status() {
    return status;
  }

  String type() {
    return type;
  }

  @Nullable String param() {
    return param;
  }

  @Nullable String code() {
    return code;
  }

  /** When to ask again; 0 where that is of no use. */
  int retryAfterSeconds() {
    return retryAfterSeconds;
  }
}
