package io.cria.llm;

import io.cria.task.Amount;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What an attempt costs: at most, before it is sent; and in the end, as far as that is known. */
final class Costs {
  /** Tokens that a message's frame takes, at most. */
  private static final int FRAME = 16;

  private final Prices prices;
  private final Map<String, Prices.Entry> dearest = new ConcurrentHashMap<>();

  Costs(Prices prices) {
    this.prices = prices;
  }

  /**
   * No token is shorter than a byte, and an answer has no more than it is allowed. Priced by the
   * model asked, or by one that has answered for it, if that is dearer.
   */
  Amount worst(LlmRequest request, LocalDate day) {
    long prompt = request.promptBytes() + (long) FRAME * Math.max(1, request.messages().size());
    long answer = request.decoding().maxTokens();
    Prices.Entry price = price(request.model(), day);
    BigDecimal usd = price == null ? BigDecimal.ZERO : price.usd(prompt, answer);
    return new Amount(1, prompt + answer, Amount.nanoUsd(usd));
  }

  private Prices.@Nullable Entry price(String model, LocalDate day) {
    Prices.Entry known = dearest.get(model);
    if (known != null) {
      return known;
    }
    Prices.Entry listed = prices.entry(model, day).orElse(null);
    if (listed != null) {
      dearest.putIfAbsent(model, listed);
    }
    return listed;
  }

  /** What of the worst case stays reserved, because it is not known what was billed; else null. */
  @Nullable Amount unsure(Amount worst, LedgerRecord record) {
    Usage usage = record.usage();
    if (usage == null) {
      return record.suspectedPaid() ? worst : null;
    }
    if (!usage.estimated()) {
      return null;
    }
    Amount counted = counted(record);
    return new Amount(
        1,
        Math.max(0, worst.tokens() - counted.tokens()),
        Math.max(0, worst.nanoUsd() - counted.nanoUsd()));
  }

  /** What a record takes of the caps. */
  Amount taken(LlmRequest request, LedgerRecord record) {
    Double usd = record.usd();
    if (usd != null && !record.model().equals(request.model())) {
      learn(request.model(), record);
    }
    Amount counted = counted(record);
    Amount unsure = record.reserved();
    return unsure == null
        ? counted
        : new Amount(1, counted.tokens() + unsure.tokens(), counted.nanoUsd() + unsure.nanoUsd());
  }

  /** Another model than the one asked may answer, and cost more. */
  private void learn(String asked, LedgerRecord record) {
    LocalDate day = record.sentAt().atZone(java.time.ZoneOffset.UTC).toLocalDate();
    prices
        .entry(record.model(), day)
        .ifPresent(
            other ->
                dearest.merge(
                    asked,
                    other,
                    (a, b) -> b.input() >= a.input() && b.output() >= a.output() ? b : a));
  }

  private static Amount counted(LedgerRecord record) {
    Usage usage = record.usage();
    Double usd = record.usd();
    return new Amount(
        1,
        usage == null ? 0 : (long) usage.prompt() + usage.completion(),
        usd == null ? 0 : Amount.nanoUsd(BigDecimal.valueOf(Objects.requireNonNull(usd))));
  }
}
