package io.cria.llm;

import java.util.concurrent.CompletableFuture;

/** Passes an attempt on only when its record, with the writer's host, is durable. */
final class LedgerStep implements Step {
  private final Step inner;
  private final LedgerWriter ledger;

  LedgerStep(Step inner, LedgerWriter ledger) {
    this.inner = inner;
    this.ledger = ledger;
  }

  @Override
  public CompletableFuture<Attempted> send(Call call) {
    return inner
        .send(call)
        .thenCompose(
            answered -> {
              Attempted kept = answered.with(answered.record().withHost(ledger.host()));
              Runnable accepted =
                  kept.record().outcome().isTerminal() ? call.history().finished : () -> {};
              return ledger.append(kept.record(), accepted).thenApply(ignored -> kept);
            });
  }
}
