package io.cria.llm;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Holds every request back while the endpoint has asked for a pause, and learns of pauses from its
 * answers.
 */
final class PauseStep implements Step {
  private static final Set<Integer> OVERLOAD = Set.of(429, 503, 529);

  private final Step inner;
  private final PauseGate gate;
  private final Schedule schedule;
  private final StopSwitch stop;

  PauseStep(Step inner, PauseGate gate, Schedule schedule, StopSwitch stop) {
    this.inner = inner;
    this.gate = gate;
    this.schedule = schedule;
    this.stop = stop;
  }

  @Override
  public CompletableFuture<Answered> send(Call call) {
    Duration pause = gate.remaining(schedule.now());
    if (!pause.isZero()) {
      return stop.sleep(pause).thenCompose(ignored -> send(call));
    }
    return inner.send(call).thenApply(this::heed);
  }

  private Answered heed(Answered answered) {
    Integer status = answered.record().httpStatus();
    Duration wait = answered.retryAfter();
    if (wait != null && status != null && OVERLOAD.contains(status)) {
      gate.pauseUntil(schedule.now().plus(wait));
    }
    return answered;
  }
}
