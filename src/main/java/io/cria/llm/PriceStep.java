package io.cria.llm;

import java.time.ZoneOffset;
import java.util.concurrent.CompletableFuture;

/** Prices each answer by the day it was asked (UTC). */
final class PriceStep implements Step {
  private final Step inner;
  private final Prices prices;

  PriceStep(Step inner, Prices prices) {
    this.inner = inner;
    this.prices = prices;
  }

  @Override
  public CompletableFuture<Attempted> send(Call call) {
    return inner
        .send(call)
        .thenApply(
            answered -> {
              LedgerRecord record = answered.record();
              return answered.with(
                  record.withUsd(
                      prices.usd(
                          record.model(),
                          call.request().model(),
                          record.usage(),
                          record.sentAt().atZone(ZoneOffset.UTC).toLocalDate())));
            });
  }
}
