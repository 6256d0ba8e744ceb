package io.cria.llm;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Holds every request back while the endpoint has asked for a pause, and all but a probe while it
 * is down; learns of pauses from its answers.
 */
final class HoldStep implements Step {
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
  public CompletableFuture<Answered> send(Call call) {
    Duration pause = health.pauses().remaining(schedule);
    if (!pause.isZero()) {
      return stop.sleep(pause).thenCompose(ignored -> send(call));
    }
    CompletableFuture<Breaker.Turn> turn = health.breaker().turn(call.progress(), stop);
    return turn == null
        ? sendNow(call)
        : turn.thenCompose(how -> how == Breaker.Turn.PROBE ? sendNow(call) : send(call));
  }

  private CompletableFuture<Answered> sendNow(Call call) {
    return inner.send(call).thenApply(this::heed);
  }

  private Answered heed(Answered answered) {
    Integer status = answered.record().httpStatus();
    Duration wait = answered.retryAfter();
    if (wait != null && status != null && OVERLOAD.contains(status)) {
      health.pauses().pauseUntil(schedule.now().plus(wait));
    }
    return answered;
  }
}
