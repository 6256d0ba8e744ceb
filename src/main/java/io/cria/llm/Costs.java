package io.cria.llm;

import io.cria.task.Amount;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What an attempt costs: at most, before it is sent; and in the end, as far as that is known. */
final class Costs {
  /** Tokens that a message's frame takes, at most. */
  private static final int FRAME = 16;

  private final Prices prices;
  private final Set<String> answering = ConcurrentHashMap.newKeySet();
  private final Map<LocalDate, Map<String, Rates>> known = new ConcurrentHashMap<>();

  /** US dollars for a million tokens, at most. */
  private record Rates(double input, double output) {
    static final Rates NONE = new Rates(0, 0);

    Rates orDearer(Prices.Entry entry) {
      return new Rates(
          Math.max(input, Math.max(entry.input(), entry.cached())),
          Math.max(output, entry.output()));
    }

    BigDecimal usd(long prompt, long answer) {
      return Prices.usd(input, output, prompt, answer);
    }
  }

  Costs(Prices prices) {
    this.prices = prices;
  }

  /**
   * No token is shorter than a byte, and an answer has no more than it is allowed. Priced by the
   * model asked, and by whatever model has answered for it, whichever is dearer; and by the day or
   * the next, since it may be sent then.
   */
  Amount worst(LlmRequest request, LocalDate day) {
    long prompt =
        request.promptBytes()
            + (long) FRAME * Math.max(1, request.messages().size())
            + extraBytes(request);
    long answer = request.decoding().maxTokens();
    BigDecimal usd =
        known
            .computeIfAbsent(day, any -> new ConcurrentHashMap<>())
            .computeIfAbsent(request.model(), model -> rates(model, day))
            .usd(prompt, answer);
    return new Amount(1, prompt + answer, Amount.nanoUsd(usd));
  }

  /** A schema or tools count as a part of the prompt. */
  private static long extraBytes(LlmRequest request) {
    return request.decoding().extra().isEmpty()
        ? 0
        : CanonicalJson.bytes(request.decoding().extra()).length;
  }

  private Rates rates(String asked, LocalDate day) {
    Rates rates = Rates.NONE;
    for (LocalDate each : List.of(day, day.plusDays(1))) {
      rates = prices.entry(asked, each).map(rates::orDearer).orElse(rates);
      for (String other : answering) {
        rates = prices.entry(other, each).map(rates::orDearer).orElse(rates);
      }
    }
    return rates;
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
      learn(record.model());
    }
    Amount counted = counted(record);
    Amount unsure = record.reserved();
    return unsure == null
        ? counted
        : new Amount(1, counted.tokens() + unsure.tokens(), counted.nanoUsd() + unsure.nanoUsd());
  }

  /** Another model than the one asked may answer, and cost more. */
  private void learn(String other) {
    if (answering.add(other)) {
      known.clear();
    }
  }

  private static Amount counted(LedgerRecord record) {
    Usage usage = record.usage();
    Double usd = record.usd();
    return new Amount(
        1,
        usage == null ? 0 : (long) usage.prompt() + usage.completion(),
        usd == null ? 0 : Amount.nanoUsd(BigDecimal.valueOf(usd)));
  }
}
