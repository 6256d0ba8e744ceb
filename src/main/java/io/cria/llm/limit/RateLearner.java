package io.cria.llm.limit;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The rate of requests that an endpoint takes, learnt from its refusals. Until the first one
 * nothing is bounded, but for a start that is let out over a second. A refusal sets the rate to a
 * little below what was accepted lately, and remembers that as the threshold; from there it comes
 * back to the threshold quickly, stays about it, and then grows ever faster, as CUBIC's window does
 * (RFC 9438): so a limit is kept to closely and a raised one is found. Growth waits while the rate
 * is not used.
 */
final class RateLearner {
  /** The rate after a refusal, as a share of what was accepted. */
  private static final double BACK = 0.95;

  /** The same where the endpoint asked to slow down. */
  private static final double SLOW_DOWN = 0.7;

  /** Growth beyond the threshold: this share of it one period after it was reached again. */
  private static final double GROWTH = 0.05;

  private static final double PERIOD = 10;
  private static final double SLOW_PERIOD = 60;

  /** Seconds between two cuts; fewer while nearly everything is refused. */
  private static final double EPISODE = 1;

  private static final double HEAVY_EPISODE = 0.25;
  private static final double HEAVY_SHARE = 0.3;

  /** Refusals below this share of the requests are put up with: some come whatever the rate. */
  private static final double BEARABLE_SHARE = 0.02;

  /** So long after a refusal the rate does not grow. */
  private static final double HELD = 2;

  /** How far back accepted requests are counted, at most, in seconds. */
  private static final double LOOK_BACK = 2;

  /** Fewer accepted ones than this say little of a rate. */
  private static final long FEW = 4;

  private static final double SLOWEST = 1.0 / 60;
  private static final double START_SECONDS = 1;
  private static final double START_DOUBLES = 0.25;

  private final Deque<Seen> seen = new ArrayDeque<>();
  private double startedAt = Double.NaN;
  private double startRate;
  private double threshold = Double.POSITIVE_INFINITY;
  private double back = BACK;
  private double period = PERIOD;
  private double cutAt = Double.NEGATIVE_INFINITY;
  private double grownAt;

  /** What was seen up to a moment, since the one before. */
  private record Seen(double at, double since, long sent, long accepted, long refused) {}

  /** Takes note that requests begin to be sent, at such a rate altogether. */
  void start(double now, double perSecond) {
    if (Double.isNaN(startedAt)) {
      startedAt = now;
    }
    startRate = Math.max(startRate, perSecond);
  }

  /** Requests a second that may be sent; infinite while nothing is known. */
  double rate(double now) {
    if (threshold == Double.POSITIVE_INFINITY) {
      double age = now - startedAt;
      return Double.isNaN(startedAt) || age >= START_SECONDS
          ? Double.POSITIVE_INFINITY
          : startRate * Math.pow(2, age / START_DOUBLES);
    }
    double x = (now - grownAt) / period;
    double grown = x < 1 ? 1 - (1 - back) * Math.pow(1 - x, 3) : 1 + GROWTH * Math.pow(x - 1, 3);
    return Math.max(SLOWEST, threshold * grown);
  }

  /** Whether a refusal has taught a rate. */
  boolean hasLearnt() {
    return threshold < Double.POSITIVE_INFINITY;
  }

  /**
   * Takes in what an asker saw.
   *
   * @param since when it last told
   */
  void saw(double now, double since, long sent, long accepted, long refused, long slowDowns) {
    double before = rate(now);
    seen.add(new Seen(now, since, sent, accepted, refused));
    while (!seen.isEmpty() && seen.peek().at() < now - LOOK_BACK) {
      seen.remove();
    }
    if (refused > 0) {
      refused(now, before, slowDowns > 0);
    } else if (hasLearnt() && now - grownAt > period && used(now) < before * BACK / 2) {
      // not used: what it could grow to is not known to be taken
      grownAt = Math.min(now - period, grownAt + (now - since));
    }
  }

  private void refused(double now, double before, boolean slowDown) {
    double from = Math.max(cutAt, now - LOOK_BACK);
    long sent = 0;
    long accepted = 0;
    long refused = 0;
    double first = now;
    for (Seen each : seen) {
      if (each.at() > from) {
        sent += each.sent();
        accepted += each.accepted();
        refused += each.refused();
        first = Math.min(first, Math.max(from, each.since()));
      }
    }
    if (hasLearnt() && now - grownAt > period) {
      // about the threshold: it stays there while there are refusals
      grownAt = Math.min(now - period, Math.max(grownAt, grownAt + HELD));
    }
    // twice the deviation of such a count: the share is above what is put up with for certain
    double surely = refused - 2 * Math.sqrt(refused + 1.0);
    boolean heavy = surely > HEAVY_SHARE * (accepted + refused);
    if (surely <= BEARABLE_SHARE * (accepted + refused)
        || now - cutAt < (heavy ? HEAVY_EPISODE : EPISODE)) {
      return;
    }
    double seconds = Math.max(now - first, 1e-3);
    double taken = accepted / seconds;
    boolean little = accepted < FEW && seconds < LOOK_BACK;
    double known = before == Double.POSITIVE_INFINITY ? sent / seconds : before;
    threshold = Math.max(SLOWEST, little ? known / 2 : Math.min(taken, known));
    back = slowDown ? SLOW_DOWN : BACK;
    period = slowDown ? SLOW_PERIOD : PERIOD;
    cutAt = now;
    grownAt = now;
  }

  private double used(double now) {
    long sent = 0;
    double first = now;
    for (Seen each : seen) {
      sent += each.sent();
      first = Math.min(first, each.since());
    }
    return sent / Math.max(now - first, 1e-3);
  }
}
