package io.cria.llm;

import io.cria.task.Amount;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Sends only what the budget still has in the worst case, and settles it with what it came to when
 * that is durable. Sends nothing once the client stops.
 */
final class BudgetStep implements Step {
  private final Step inner;
  private final Budget budget;
  private final Costs costs;
  private final Schedule schedule;
  private final StopSwitch stop;

  BudgetStep(Step inner, Budget budget, Costs costs, Schedule schedule, StopSwitch stop) {
    this.inner = inner;
    this.budget = budget;
    this.costs = costs;
    this.schedule = schedule;
    this.stop = stop;
  }

  @Override
  public CompletableFuture<Attempted> send(Call call) {
    if (stop.isStopped()) {
      return CompletableFuture.failedFuture(new NotSent());
    }
    Amount worst = costs.worst(call.request(), schedule.now().atZone(ZoneOffset.UTC).toLocalDate());
    CompletableFuture<Boolean> reserved = budget.reserve(worst);
    if (reserved.isDone()) {
      return sent(call, worst, reserved.join());
    }
    Instant asked = schedule.now();
    CompletableFuture<Boolean> held = stop.hold();
    CompletableFuture<Boolean> unused =
        reserved.whenComplete(
            (isGiven, failure) -> {
              if (!held.complete(Boolean.TRUE.equals(isGiven)) && Boolean.TRUE.equals(isGiven)) {
                // the client has stopped meanwhile
                budget.settle(worst, Amount.ZERO);
              }
            });
    CompletableFuture<Boolean> gone =
        held.whenComplete((isGiven, stopped) -> reserved.complete(false));
    return gone.thenCompose(
        isGiven -> {
          call.history().held(Duration.between(asked, schedule.now()));
          return sent(call, worst, isGiven);
        });
  }

  private CompletableFuture<Attempted> sent(Call call, Amount worst, boolean isGiven) {
    if (!isGiven) {
      stop.stop(StopReason.CAP_REACHED, null);
      return CompletableFuture.failedFuture(new NotSent());
    }
    CompletableFuture<Attempted> answer;
    try {
      answer = inner.send(call);
    } catch (Throwable e) {
      budget.settle(worst, Amount.ZERO);
      throw e;
    }
    return answer.whenComplete(
        (answered, failure) -> budget.settle(worst, taken(call, worst, answered, failure)));
  }

  /** What was not sent takes nothing; of what could not be kept it is not known. */
  private Amount taken(
      Call call, Amount worst, @Nullable Attempted answered, @Nullable Throwable failure) {
    if (answered != null) {
      return costs.taken(call.request(), answered.record());
    }
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof NotSent ? Amount.ZERO : worst;
  }
}
