package io.cria.llm;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Sends further attempts for as long as {@link RetryDecisionStep} decides so. */
final class RetryStep implements Step {
  private final Step inner;
  private final StopSwitch stop;

  RetryStep(Step inner, StopSwitch stop) {
    this.inner = inner;
    this.stop = stop;
  }

  @Override
  public CompletableFuture<Attempted> send(Call call) {
    return inner
        .send(call)
        .thenCompose(
            answered -> {
              Duration wait = call.history().retryIn;
              if (wait == null) {
                return CompletableFuture.completedFuture(answered);
              }
              return wait.isZero()
                  ? send(call.next())
                  : stop.sleep(wait).thenCompose(ignored -> send(call.next()));
            });
  }
}
