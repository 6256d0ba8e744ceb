package io.cria.llm;

import java.util.concurrent.CompletableFuture;

/** Passes an attempt on only when its record is durable. */
final class LedgerStep implements Step {
  private final Step inner;
  private final LedgerWriter ledger;

  LedgerStep(Step inner, LedgerWriter ledger) {
    this.inner = inner;
    this.ledger = ledger;
  }

  @Override
  public CompletableFuture<Answered> send(Call call) {
    return inner
        .send(call)
        .thenCompose(
            answered -> {
              Runnable accepted =
                  answered.record().outcome().isTerminal() ? call.progress().finished : () -> {};
              return ledger.append(answered.record(), accepted).thenApply(ignored -> answered);
            });
  }
}
