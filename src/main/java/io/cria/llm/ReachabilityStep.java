package io.cria.llm;

import java.util.concurrent.CompletableFuture;

/**
 * Stops the job when nothing listens at the endpoint: some request has tried {@value #TRIES} times
 * without a connection and no request of this client was ever answered.
 */
final class ReachabilityStep implements Step {
  static final int TRIES = 4;

  private final Step inner;
  private volatile boolean everAnswered;

  ReachabilityStep(Step inner) {
    this.inner = inner;
  }

  @Override
  public CompletableFuture<Answered> send(Call call) {
    return inner.send(call).thenApply(answered -> judge(call.progress(), answered));
  }

  private Answered judge(Call.Progress progress, Answered answered) {
    LedgerRecord record = answered.record();
    if (record.httpStatus() != null) {
      everAnswered = true;
    }
    if (answered.unreachable() && ++progress.unreachable >= TRIES && !everAnswered) {
      return answered.with(
          record.withOutcome(Outcome.STOP_JOB, "nothing answers there (" + record.error() + ")"));
    }
    return answered;
  }
}
