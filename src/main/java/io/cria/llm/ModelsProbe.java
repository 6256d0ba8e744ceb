package io.cria.llm;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Asks an endpoint for its list of models, with what lets requests in there. The list, or the word
 * that there is none, shows that a server is up; a refusal or a redirect shows no more than that
 * something stands before it.
 */
final class ModelsProbe implements Supplier<CompletableFuture<Boolean>> {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final int NOT_FOUND = 404;
  private static final int METHOD_NOT_ALLOWED = 405;

  private final Exchange exchange;
  private final Schedule schedule;
  private final Endpoint endpoint;
  private final Credentials credentials;

  ModelsProbe(Exchange exchange, Schedule schedule, Endpoint endpoint, Credentials credentials) {
    this.exchange = exchange;
    this.schedule = schedule;
    this.endpoint = endpoint;
    this.credentials = credentials;
  }

  /** Completes within {@link #LIMIT} and never fails. */
  @Override
  public CompletableFuture<Boolean> get() {
    Map<String, String> headers = new LinkedHashMap<>(credentials.headers(endpoint.keyHeader()));
    headers.putIfAbsent("Accept", "application/json");
    CompletableFuture<HttpReply> reply = exchange.get(endpoint.modelsUrl(), headers);
    Schedule.Alarm alarm = schedule.deadline(LIMIT, () -> reply.cancel(true));
    return reply.handle(
        (answer, error) -> {
          alarm.cancel();
          return error == null && showsServer(answer.status());
        });
  }

  private static boolean showsServer(int status) {
    return (status >= 200 && status < 300) || status == NOT_FOUND || status == METHOD_NOT_ALLOWED;
  }
}
