package io.cria.stage;

import io.cria.ask.Measured;
import io.cria.task.Amount;
import io.cria.task.Counted;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Whether what a run may spend leaves room for another round of generation: not unless, after it,
 * every instruction kept by then can be paid for in the later stages too. What those take is
 * predicted {@value #MARGIN_PERCENT} % higher than it was so far, and {@value #SPARE_REQUESTS}
 * requests of each later stage are spared at their worst, because what a request may take at worst
 * must be left before it is sent. From sums alone: it reads no table and no clock.
 *
 * @param cap of the run, in each currency
 * @param usdPerInstruction that a kept instruction may cost in the latest rounds; null for any
 */
record RoundBudget(Amount cap, @Nullable BigDecimal usdPerInstruction) {
  private static final int MARGIN_PERCENT = 10;
  private static final int SPARE_REQUESTS = 2;

  /** The rounds whose price for an instruction counts. */
  private static final int LATEST = 2;

  private static final int USD_DIGITS = 4;

  /**
   * A committed round.
   *
   * @param kept instructions that joined the pool
   * @param cost of its requests
   */
  record Round(long kept, Measured cost) {}

  /**
   * What is to be paid after generation.
   *
   * @param waiting kept instructions that the stage has not asked about
   * @param cost of requests like those to come: one an instruction
   * @param worst that one request may take
   */
  record Later(long waiting, Measured cost, Amount worst) {
    private Amount of(double more) {
      return cost.of(waiting + more)
          .times(1 + MARGIN_PERCENT / 100.0)
          .plus(worst.times(SPARE_REQUESTS));
    }
  }

  /**
   * Why no further round may be planned; empty when one may.
   *
   * @param rounds committed, at least one
   * @param size requests of the next
   * @param taken of the cap so far
   * @param later the paid stages after generation
   */
  Optional<String> end(List<Round> rounds, long size, Amount taken, List<Later> later) {
    return tooDear(rounds).or(() -> noRoom(rounds, size, cap.minus(taken), later));
  }

  private Optional<String> tooDear(List<Round> rounds) {
    if (usdPerInstruction == null) {
      return Optional.empty();
    }
    List<Round> latest = rounds.subList(Math.max(0, rounds.size() - LATEST), rounds.size());
    BigDecimal usd = sum(latest).amount().usd();
    long kept = latest.stream().mapToLong(Round::kept).sum();
    if (usd.compareTo(usdPerInstruction.multiply(BigDecimal.valueOf(kept))) <= 0) {
      return Optional.empty();
    }
    String bound = "caps.usdPerInstruction allows " + dollars(usdPerInstruction);
    String where = latest.size() == 1 ? "the last round" : "the last " + latest.size() + " rounds";
    return Optional.of(
        kept == 0
            ? bound + " an instruction, and " + where + " took " + dollars(usd) + " and kept none"
            : bound
                + ", and an instruction cost "
                + dollars(usd.divide(BigDecimal.valueOf(kept), MathContext.DECIMAL64))
                + " in "
                + where);
  }

  private Optional<String> noRoom(
      List<Round> rounds, long size, Amount left, List<Later> laterStages) {
    Amount next = sum(rounds).of((double) size);
    double kept = size * keptPerRequest(rounds.get(rounds.size() - 1));
    Amount later =
        laterStages.stream().map(stage -> stage.of(kept)).reduce(Amount.ZERO, Amount::plus);
    return CURRENCIES.stream()
        .filter(currency -> currency.of(next.plus(later)) > currency.of(left))
        .findFirst()
        .map(
            currency ->
                String.format(
                    Locale.ROOT,
                    "another round is expected to take %s and the stages after it %s, and of the %s"
                        + " of %s %s are left",
                    currency.words(next),
                    currency.words(later),
                    currency.words(cap),
                    currency.key(),
                    currency.words(left.max(Amount.ZERO))));
  }

  private static Measured sum(List<Round> rounds) {
    return rounds.stream().map(Round::cost).reduce(Measured.NOTHING, Measured::plus);
  }

  private static double keptPerRequest(Round round) {
    long requests = round.cost().requests();
    return requests == 0 ? 0 : (double) round.kept() / requests;
  }

  /**
   * One of the three.
   *
   * @param key of its cap
   * @param part what an amount has of it
   * @param shown that as people read it
   */
  private record Currency(String key, ToLongFunction<Amount> part, Function<Amount, String> shown) {
    long of(Amount amount) {
      return part.applyAsLong(amount);
    }

    String words(Amount amount) {
      return shown.apply(amount);
    }
  }

  private static final List<Currency> CURRENCIES =
      List.of(
          new Currency("caps.requests", Amount::requests, a -> Counted.of(a.requests(), "request")),
          new Currency("caps.tokens", Amount::tokens, a -> Counted.of(a.tokens(), "token")),
          new Currency("caps.usd", Amount::nanoUsd, a -> dollars(a.usd())));

  /** Sums below a dollar with as many digits as tell them apart. */
  private static String dollars(BigDecimal usd) {
    BigDecimal rounded =
        usd.compareTo(BigDecimal.ONE) < 0
            ? usd.round(new MathContext(USD_DIGITS, RoundingMode.UP))
            : usd.setScale(2, RoundingMode.UP);
    BigDecimal shown = rounded.stripTrailingZeros();
    return (shown.scale() < 2 ? shown.setScale(2) : shown).toPlainString() + " USD";
  }
}
