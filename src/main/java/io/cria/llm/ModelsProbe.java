package io.cria.llm;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Asks an endpoint for its list of models, without a key: whatever it answers below 500, a server
 * is up there.
 */
final class ModelsProbe implements Supplier<CompletableFuture<Boolean>> {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final int SERVER_ERRORS = 500;

  private final Exchange exchange;
  private final Schedule schedule;
  private final String url;

  ModelsProbe(Exchange exchange, Schedule schedule, Endpoint endpoint) {
    this.exchange = exchange;
    this.schedule = schedule;
    this.url = endpoint.baseUrl() + "/models";
  }

  /** Completes within {@link #LIMIT} and never fails. */
  @Override
  public CompletableFuture<Boolean> get() {
    CompletableFuture<HttpReply> reply = exchange.get(url, Map.of("Accept", "application/json"));
    Schedule.Alarm alarm = schedule.deadline(LIMIT, () -> reply.cancel(true));
    return reply.handle(
        (answer, error) -> {
          alarm.cancel();
          return error == null && answer.status() < SERVER_ERRORS;
        });
  }
}
