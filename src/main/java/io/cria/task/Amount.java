package io.cria.task;

import java.io.Serializable;
import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * What asking takes, in the three currencies that caps are given in.
 *
 * @param requests HTTP requests
 * @param tokens prompt and completion together
 * @param nanoUsd billionths of a US dollar
 */
public record Amount(long requests, long tokens, long nanoUsd) implements Serializable {
  public static final Amount ZERO = new Amount(0, 0, 0);

  /** More than anything: what a currency without a cap has. */
  public static final long NO_BOUND = Long.MAX_VALUE;

  /** Nothing is bounded. */
  public static final Amount UNBOUNDED = new Amount(NO_BOUND, NO_BOUND, NO_BOUND);

  private static final int NANO_DIGITS = 9;

  /** US dollars as billionths, rounded up. */
  public static long nanoUsd(BigDecimal usd) {
    return usd.movePointRight(NANO_DIGITS).setScale(0, RoundingMode.CEILING).longValueExact();
  }

  /** Billionths as US dollars. */
  public BigDecimal usd() {
    return BigDecimal.valueOf(nanoUsd, NANO_DIGITS);
  }

  /** Both together; what has no bound keeps none. */
  public Amount plus(Amount other) {
    return new Amount(
        sum(requests, other.requests), sum(tokens, other.tokens), sum(nanoUsd, other.nanoUsd));
  }

  /**
   * What is left after the other is taken away; may be below zero. What has no bound keeps none.
   */
  public Amount minus(Amount other) {
    return new Amount(
        rest(requests, other.requests), rest(tokens, other.tokens), rest(nanoUsd, other.nanoUsd));
  }

  /** So many of it, rounded up; what has no bound keeps none. */
  public Amount times(double factor) {
    return new Amount(product(requests, factor), product(tokens, factor), product(nanoUsd, factor));
  }

  /** The smaller in each currency. */
  public Amount min(Amount other) {
    return new Amount(
        Math.min(requests, other.requests),
        Math.min(tokens, other.tokens),
        Math.min(nanoUsd, other.nanoUsd));
  }

  /** The larger in each currency. */
  public Amount max(Amount other) {
    return new Amount(
        Math.max(requests, other.requests),
        Math.max(tokens, other.tokens),
        Math.max(nanoUsd, other.nanoUsd));
  }

  /** Whether none of its currencies exceeds the other's. */
  public boolean fitsIn(Amount other) {
    return requests <= other.requests && tokens <= other.tokens && nanoUsd <= other.nanoUsd;
  }

  /** The three as a message carries them. */
  public long[] toLongs() {
    return new long[] {requests, tokens, nanoUsd};
  }

  /** What {@link #toLongs} made. */
  public static Amount of(long[] longs) {
    return new Amount(longs[0], longs[1], longs[2]);
  }

  private static long sum(long a, long b) {
    return a == NO_BOUND || b == NO_BOUND ? NO_BOUND : Math.addExact(a, b);
  }

  private static long product(long a, double factor) {
    return a == NO_BOUND ? NO_BOUND : (long) Math.ceil(a * factor);
  }

  private static long rest(long a, long b) {
    return a == NO_BOUND ? NO_BOUND : Math.subtractExact(a, b);
  }
}
