package io.cria.llm;

import java.util.concurrent.CompletableFuture;

/** Sends only what the request cap still allows, and nothing once the client stops. */
final class CapStep implements Step {
  private final Step inner;
  private final RequestCap cap;
  private final StopSwitch stop;

  CapStep(Step inner, RequestCap cap, StopSwitch stop) {
    this.inner = inner;
    this.cap = cap;
    this.stop = stop;
  }

  @Override
  public CompletableFuture<Attempted> send(Call call) {
    if (stop.isStopped()) {
      return CompletableFuture.failedFuture(new NotSent());
    }
    if (!cap.tryAcquire()) {
      stop.stop(StopReason.CAP_REACHED, null);
      return CompletableFuture.failedFuture(new NotSent());
    }
    return inner.send(call);
  }
}
