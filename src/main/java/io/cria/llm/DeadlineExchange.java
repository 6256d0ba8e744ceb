package io.cria.llm;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Gives each exchange a time from sending to the whole answer and cancels it then; a server that
 * sends a byte now and then is cut off too.
 */
final class DeadlineExchange implements Exchange {
  private final Exchange inner;
  private final Duration limit;
  private final Schedule schedule;
  private final Set<Runnable> cancels = ConcurrentHashMap.newKeySet();

  DeadlineExchange(Exchange inner, Duration limit, Schedule schedule) {
    this.inner = inner;
    this.limit = limit;
    this.schedule = schedule;
  }

  @Override
  public CompletableFuture<HttpReply> post(String url, Map<String, String> headers, byte[] body) {
    return limited(inner.post(url, headers, body));
  }

  @Override
  public CompletableFuture<HttpReply> get(String url, Map<String, String> headers) {
    return limited(inner.get(url, headers));
  }

  private CompletableFuture<HttpReply> limited(CompletableFuture<HttpReply> reply) {
    CompletableFuture<HttpReply> limited = new CompletableFuture<>();
    Runnable cancel = () -> fail(limited, "cancelled: the client is stopping");
    cancels.add(cancel);
    Schedule.Alarm alarm =
        schedule.deadline(
            limit, () -> fail(limited, "no whole answer within " + limit.toMillis() + " ms"));
    CompletableFuture<HttpReply> unused =
        reply.whenComplete(
            (answer, error) -> {
              if (error == null) {
                limited.complete(answer);
              } else {
                limited.completeExceptionally(error);
              }
            });
    CompletableFuture<HttpReply> unusedEnd =
        limited.whenComplete(
            (answer, error) -> {
              alarm.cancel();
              cancels.remove(cancel);
              reply.cancel(true);
            });
    return limited;
  }

  /** Cancels what is under way. */
  void cancelAll() {
    cancels.forEach(Runnable::run);
  }

  private static void fail(CompletableFuture<HttpReply> reply, String why) {
    reply.completeExceptionally(new TransportException(TransportException.Reached.SERVER, why));
  }
}
