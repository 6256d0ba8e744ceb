package io.cria.pipeline;

import io.cria.config.AskConfig;
import io.cria.config.Operation.Caps;
import io.cria.config.Operation.Limits;
import io.cria.task.Amount;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** What asking is expected to take, as people read it: table, time and caps. */
final class EstimateText {
  private static final double SECONDS_PER_ANSWER = 15;
  private static final double SECONDS_PER_MINUTE = 60;

  private final AskConfig asking;
  private final List<DryRun.Line> lines;
  private final List<String> unpriced;
  private final String end;
  private final Amount expected;
  private final Amount worst;

  /**
   * @param unpriced models that are asked and have no known price
   * @param end what a cap that is reached would do
   */
  EstimateText(AskConfig asking, List<DryRun.Line> lines, List<String> unpriced, String end) {
    this.end = end;
    this.asking = asking;
    this.lines = lines;
    this.unpriced = List.copyOf(unpriced);
    this.expected = lines.stream().map(DryRun.Line::expected).reduce(Amount.ZERO, Amount::plus);
    this.worst = lines.stream().map(DryRun.Line::worst).reduce(Amount.ZERO, Amount::plus);
  }

  static void add(StringBuilder out, String format, @Nullable Object... values) {
    out.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  /** A line a stage, and their sum, within 80 columns. */
  void table(StringBuilder out) {
    add(
        out,
        "%-10s %9s %13s %10s %12s %8s %12s",
        "stage",
        "requests",
        "prompt tokens",
        "max tokens",
        "tokens",
        "USD",
        "USD at worst");
    for (DryRun.Line line : lines) {
      add(
          out,
          "%-10s %,9d %,13d %,10d %,12d %8s %12s",
          line.stage(),
          line.requests(),
          line.promptTokens(),
          line.maxTokens(),
          line.expected().tokens(),
          money(line.expected()),
          money(line.worst()));
    }
    add(
        out,
        "%-10s %,9d %13s %10s %,12d %8s %12s%n",
        "all",
        expected.requests(),
        "",
        "",
        expected.tokens(),
        money(expected),
        money(worst));
  }

  /**
   * How long a limit would have it take.
   *
   * @param limit in words
   */
  private record Duration(String limit, double seconds) {}

  /** How long it takes, and why; and that no price is known, where that is so. */
  void time(StringBuilder out) {
    Limits limits = asking.limits();
    List<Duration> durations = new ArrayList<>();
    durations.add(
        new Duration(
            String.format(
                Locale.ROOT,
                "%d requests in flight on one executor (limits.inFlight) at %.0f s an answer",
                limits.inFlight(),
                SECONDS_PER_ANSWER),
            // each stage waits for an answer at least
            Math.max((double) expected.requests() / limits.inFlight(), lines.size())
                * SECONDS_PER_ANSWER));
    addRate(durations, "requestsPerMinute", limits.requestsPerMinute(), expected.requests());
    addRate(durations, "tokensPerMinute", limits.tokensPerMinute(), expected.tokens());
    Duration longest =
        durations.stream().max(Comparator.comparingDouble(Duration::seconds)).orElseThrow();
    add(out, "Time: about %s; what decides is %s.", words(longest.seconds()), longest.limit());
    if (!unpriced.isEmpty()) {
      add(
          out,
          "No price is known for %s: add it to the price list (key prices).",
          String.join(" and ", unpriced));
    }
  }

  private static void addRate(
      List<Duration> durations, String key, @Nullable Number perMinute, long amount) {
    if (perMinute != null) {
      durations.add(
          new Duration(
              String.format(Locale.ROOT, "limits.%s (%,d)", key, perMinute.longValue()),
              amount * SECONDS_PER_MINUTE / perMinute.longValue()));
    }
  }

  /** Where each cap is reached, if it is. */
  void caps(StringBuilder out) {
    Caps caps = asking.caps();
    if (!caps.areSet()) {
      add(out, "No cap is set on what it may take in all (caps.requests, caps.tokens, caps.usd).");
    }
    cap(out, "requests", caps.requests(), caps.amount(), Amount::requests);
    cap(out, "tokens", caps.tokens(), caps.amount(), Amount::tokens);
    cap(out, "usd", caps.usd(), caps.amount(), Amount::nanoUsd);
  }

  static final String UNDER = "is not expected to be reached.";

  String during(String stage) {
    return "is reached during stage " + stage + ": " + end + ".";
  }

  private void cap(
      StringBuilder out,
      String key,
      @Nullable Number value,
      Amount bounds,
      ToLongFunction<Amount> currency) {
    if (value == null) {
      return;
    }
    Amount sum = Amount.ZERO;
    String what = UNDER;
    for (DryRun.Line line : lines) {
      sum = sum.plus(line.expected());
      if (currency.applyAsLong(sum) > currency.applyAsLong(bounds)) {
        what = during(line.stage());
        break;
      }
    }
    add(out, "Cap: %s %s %s", key, shown(value), what);
  }

  static String shown(Number value) {
    return value instanceof BigDecimal usd
        ? usd.stripTrailingZeros().toPlainString()
        : String.format(Locale.ROOT, "%,d", value.longValue());
  }

  private String money(Amount amount) {
    return unpriced.isEmpty() ? String.format(Locale.ROOT, "%.2f", amount.usd()) : "unknown";
  }

  private static String words(double seconds) {
    if (seconds < 90) {
      return Math.round(seconds) + " s";
    }
    return seconds < 5400
        ? Math.round(seconds / 60) + " min"
        : String.format(Locale.ROOT, "%.1f h", seconds / 3600);
  }
}
