package io.cria.bench;

/**
 * A limit as servers enforce it: a bucket that fills continuously at the limit's rate up to some
 * seconds' worth, full at first. Times are nanoseconds since the first request, and never go back.
 */
final class TokenBucket {
  private static final double SECONDS_A_MINUTE = 60;

  /** A sum of many refills may lack this much of a whole. */
  private static final double ROUNDING = 1e-6;

  private final double aSecond;
  private final double creditSeconds;
  private final LimitSteps steps;
  private double level;
  private long filledAt;

  /**
   * @param aMinute the limit
   * @param creditSeconds of the limit that the full bucket holds
   */
  TokenBucket(double aMinute, double creditSeconds, LimitSteps steps) {
    this.aSecond = aMinute / SECONDS_A_MINUTE;
    this.creditSeconds = creditSeconds;
    this.steps = steps;
    this.level = capacity(0);
  }

  /** What it holds when full. */
  double capacity(long now) {
    return rate(now) * creditSeconds;
  }

  /** The limit at that time, a minute. */
  double aMinute(long now) {
    return rate(now) * SECONDS_A_MINUTE;
  }

  private double rate(long now) {
    return aSecond * steps.factor(now);
  }

  /** What lets itself be taken; negative while it owes. */
  double level(long now) {
    while (filledAt < now) {
      long until = Math.min(now, steps.nextAfter(filledAt));
      double filled = level + rate(filledAt) * (until - filledAt) / 1e9;
      level = Math.min(filled, capacity(filledAt));
      filledAt = until;
    }
    level = Math.min(level, capacity(now));
    return level;
  }

  /**
   * Whether there is enough. A full bucket has enough of anything, and owes what it lacks.
   *
   * @param amount at least 0
   */
  boolean has(double amount, long now) {
    return level(now) + ROUNDING >= enough(amount, now);
  }

  private double enough(double amount, long now) {
    return Math.min(amount, capacity(now));
  }

  /** Takes what it has, see {@link #has}. */
  void take(double amount, long now) {
    level = level(now) - amount;
  }

  /** Takes for a refused request: what there is, at most. */
  void takeRest(double amount, long now) {
    double there = level(now);
    level = there - Math.max(0, Math.min(there, amount));
  }

  /** Nanoseconds until it has that amount, at the present rate. */
  long nanosUntil(double amount, long now) {
    double lacking = enough(amount, now) - level(now);
    return lacking <= 0 ? 0 : (long) Math.ceil(lacking / rate(now) * 1e9);
  }

  /** What it lets through between two times beside what it held at first. */
  double refill(long from, long to) {
    return aSecond * steps.integral(from, to);
  }
}
