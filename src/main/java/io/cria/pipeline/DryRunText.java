package io.cria.pipeline;

import io.cria.config.Operation.Caps;
import io.cria.config.Operation.Limits;
import io.cria.config.RunConfig;
import io.cria.task.Amount;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** A dry run's figures as people read them. */
final class DryRunText {
  private static final double SECONDS_PER_ANSWER = 15;
  private static final double SECONDS_PER_MINUTE = 60;

  private final RunConfig config;
  private final List<DryRun.Line> lines;
  private final double keptPerRequest;
  private final boolean isPriced;
  private final Amount expected;
  private final Amount worst;

  DryRunText(RunConfig config, List<DryRun.Line> lines, double keptPerRequest, boolean isPriced) {
    this.config = config;
    this.lines = lines;
    this.keptPerRequest = keptPerRequest;
    this.isPriced = isPriced;
    this.expected = lines.stream().map(DryRun.Line::expected).reduce(Amount.ZERO, Amount::plus);
    this.worst = lines.stream().map(DryRun.Line::worst).reduce(Amount.ZERO, Amount::plus);
  }

  String text() {
    StringBuilder out = new StringBuilder();
    add(
        out,
        "Estimate: recipe %s, model %s, target %,d instructions. Nothing is sent.%n",
        config.recipe(),
        config.model(),
        config.target());
    table(out);
    assumptions(out);
    time(out);
    if (!isPriced) {
      add(out, "No price is known for this model: add it to the price list (key prices).");
    }
    caps(out);
    return out.toString();
  }

  private static void add(StringBuilder out, String format, @Nullable Object... values) {
    out.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  private void table(StringBuilder out) {
    add(
        out,
        "%-10s %10s %14s %11s %14s %11s %13s",
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
          "%-10s %,10d %,14d %,11d %,14d %11s %13s",
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
        "%-10s %,10d %14s %11s %,14d %11s %13s%n",
        "all",
        expected.requests(),
        "",
        "",
        expected.tokens(),
        money(expected),
        money(worst));
  }

  private void assumptions(StringBuilder out) {
    add(
        out,
        "Prompt tokens and max tokens are those of one request. Tokens and USD are expected of all:"
            + " %.1f kept%ninstructions a request of generate, answers half as long as they may be,"
            + " none asked twice. USD at worst: what%nis set aside before sending, a token for"
            + " every byte of a prompt and answers as long as they may be.",
        keptPerRequest);
  }

  /**
   * How long a limit would have it take.
   *
   * @param limit in words
   */
  private record Duration(String limit, double seconds) {}

  private void time(StringBuilder out) {
    Limits limits = config.limits();
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

  private void caps(StringBuilder out) {
    Caps caps = config.caps();
    if (!caps.areSet()) {
      add(out, "No cap is set on what it may take in all (caps.requests, caps.tokens, caps.usd).");
    }
    cap(out, "requests", caps.requests(), caps.amount(), Amount::requests);
    cap(out, "tokens", caps.tokens(), caps.amount(), Amount::tokens);
    cap(out, "usd", caps.usd(), caps.amount(), Amount::nanoUsd);
    BigDecimal each = caps.usdPerInstruction();
    if (each != null) {
      BigDecimal generation = lines.get(0).expected().usd();
      boolean reached =
          generation.compareTo(each.multiply(BigDecimal.valueOf(config.target()))) > 0;
      add(out, "Cap: usdPerInstruction %s %s", shown(each), reached ? during("generate") : UNDER);
    }
  }

  private static final String UNDER = "is not expected to be reached.";

  private static String during(String stage) {
    return "is reached during stage "
        + stage
        + ": generation would end early, and the run with exit code 4.";
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

  private static String shown(Number value) {
    return value instanceof BigDecimal usd
        ? usd.stripTrailingZeros().toPlainString()
        : String.format(Locale.ROOT, "%,d", value.longValue());
  }

  private String money(Amount amount) {
    return isPriced ? String.format(Locale.ROOT, "%.2f", amount.usd()) : "unknown";
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
