package io.cria.llm;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Holds every request back while the endpoint has asked for a pause, and all but a probe while it
 * is down; learns of pauses from its answers.
 */
final class HoldStep implements Step {
  /** Statuses of a server that as a whole has too much to do. */
  private static final Set<Integer> OVERLOAD = Set.of(429, 503, 529);

  private final Step inner;
  private final EndpointHealth health;
  private final Schedule schedule;
  private final StopSwitch stop;

  HoldStep(Step inner, EndpointHealth health, Schedule schedule, StopSwitch stop) {
    this.inner = inner;
    this.health = health;
    this.schedule = schedule;
    this.stop = stop;
  }

  @Override
  public CompletableFuture<Attempted> send(Call call) {
    Duration pause = health.pauses().remaining(schedule);
    if (!pause.isZero()) {
      return stop.sleep(pause).thenCompose(ignored -> send(call));
    }
    CompletableFuture<Breaker.Turn> turn = health.breaker().turn(call.history(), stop);
    return turn == null
        ? sendNow(call)
        : turn.thenCompose(how -> how == Breaker.Turn.PROBE ? sendNow(call) : send(call));
  }

  private CompletableFuture<Attempted> sendNow(Call call) {
    return inner.send(call).thenApply(this::heed);
  }

  private Attempted heed(Attempted answered) {
    Duration wait = answered.retryAfter();
    boolean concernsAll =
        answered.record().outcome() == Outcome.RETRY_RATE || OVERLOAD.contains(answered.status());
    if (wait != null && concernsAll) {
      health.pauses().pauseUntil(schedule.now().plus(wait));
    }
    return answered;
  }
}
