package io.cria.llm;

import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Sends one HTTP request. */
interface Exchange {
  /**
   * The future gives the answer, whatever its status, or fails with a {@link TransportException}.
   * Cancelling it aborts the exchange and drops its connection.
   *
   * @param url absolute http or https address
   * @param headers name to value, content type apart
   * @param body JSON, UTF-8
   */
  CompletableFuture<HttpReply> post(String url, Map<String, String> headers, byte[] body);

  /**
   * As {@link #post}, without a body.
   *
   * @param url absolute http or https address
   * @param headers name to value
   */
  CompletableFuture<HttpReply> get(String url, Map<String, String> headers);
}
