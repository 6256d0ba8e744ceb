package io.cria.llm;

import java.time.ZoneOffset;
import java.util.concurrent.CompletableFuture;

/** Notes in a record what it counts at most, where it is not known what was billed. */
final class UnsureStep implements Step {
  private final Step inner;
  private final Costs costs;

  UnsureStep(Step inner, Costs costs) {
    this.inner = inner;
    this.costs = costs;
  }

  @Override
  public CompletableFuture<Attempted> send(Call call) {
    return inner
        .send(call)
        .thenApply(
            answered -> {
              LedgerRecord record = answered.record();
              Usage usage = record.usage();
              if (usage == null ? !record.suspectedPaid() : !usage.estimated()) {
                return answered;
              }
              return answered.with(
                  record.withReserved(
                      costs.unsure(
                          costs.worst(
                              call.request(), record.sentAt().atZone(ZoneOffset.UTC).toLocalDate()),
                          record)));
            });
  }
}
