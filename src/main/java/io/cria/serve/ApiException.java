package io.cria.serve;

import org.jspecify.annotations.Nullable;

/** A refusal in the API's own terms: HTTP status and the four fields of its error object. */
final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  static final String INVALID = "invalid_request_error";

  private final int status;
  private final String type;
  private final @Nullable String param;
  private final @Nullable String code;

  ApiException(
      int status, String type, String message, @Nullable String param, @Nullable String code) {
    super(message, null, false, false);
    this.status = status;
    this.type = type;
    this.param = param;
    this.code = code;
  }

  /** A value of the request that cannot be served, 400. */
  static ApiException invalid(String param, String message) {
    return new ApiException(400, INVALID, message, param, null);
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
}
