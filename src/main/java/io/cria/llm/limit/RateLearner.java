package io.cria.llm.limit;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/**
 * The rate of requests that an endpoint takes, learnt from its refusals. Until the first one
 * nothing is bounded, but for a start that is let out over two seconds.
 *
 * <p>Refusals that are more than chance set the threshold to what was taken lately, and the rate a
 * little below it. From there the rate comes back to the threshold, stays about it, and then grows
 * ever faster, as CUBIC's window does (RFC 9438): so a limit is kept to closely and a raised one is
 * found. Where nearly everything is refused, be it that refusals count too or that the limit has
 * fallen, the rate is quartered until it is not, and doubles back to the threshold; where that does
 * not help, the threshold falls. Growth waits while the rate is not used.
 */
final class RateLearner {
  /** The rate after refusals, as a share of what was taken. */
  private static final double BACK = 0.95;

  /** The same where the endpoint asked to slow down. */
  private static final double SLOW_DOWN = 0.7;

  /** Growth beyond the threshold: this share of it one period after it was reached again. */
  private static final double GROWTH = 0.05;

  private static final double PERIOD = 10;
  private static final double SLOW_PERIOD = 30;

  /** Where nearly everything is refused, the rate is divided by this. */
  private static final double DEEP_CUT = 4;

  /** And it goes no lower than the threshold divided by this, unless that does not help. */
  private static final double DEEPEST = 16;

  /** So many seconds. */
  private static final double HELPLESS = 4;

  /** The same where a limit is known: answers on their way may take more than was expected. */
  private static final double PATIENCE = 8;

  /** So long after the last cut, refusals are the first ones again. */
  private static final double QUIET = 20;

  /** Seconds in which a rate that was cut deeply doubles. */
  private static final double DOUBLES = 0.5;

  /** Seconds between two cuts; fewer while much is refused. */
  private static final double EPISODE = 1;

  private static final double HEAVY_EPISODE = 0.3;
  private static final double HEAVY_SHARE = 0.3;
  private static final double NEARLY_ALL = 0.85;

  /** So long after a cut, refusals may still be of what was sent before it. */
  private static final double SETTLED = 0.15;

  /** Refusals below this share of the requests are put up with: some come whatever the rate. */
  private static final double BEARABLE_SHARE = 0.02;

  /** More refusals than these deviations of their number are more than chance. */
  private static final double SURE = 1.5;

  /** How far back requests are counted, in seconds, where these are enough. */
  private static final double LOOK_BACK = 2;

  private static final double LONG_LOOK_BACK = 10;
  private static final double LONGEST_LOOK_BACK = 120;

  /** By the requests of such a moment it is seen that nearly all are refused. */
  private static final double MOMENT = 0.15;

  /** Room that a known limit is left above the rate that was refused. */
  private static final double ROOM = 1.25;

  private static final long ENOUGH = 6;

  /** Fewer that were taken than these say little of a rate. */
  private static final long FEW = 4;

  private static final double SLOWEST = 1.0 / 60;
  private static final double START_SECONDS = 2;
  private static final double START_DOUBLES = 0.5;

  /** What a start would let out in this time at its first rate proves that more may be sent. */
  private static final double PROVED_SECONDS = 8;

  private final Deque<Seen> seen = new ArrayDeque<>();
  private double startedAt = Double.NaN;
  private double startRate;
  private long taken;
  private double threshold = Double.POSITIVE_INFINITY;
  private double thresholdAt;
  private double low;
  private double back = BACK;
  private double period = PERIOD;
  private double cutAt = Double.NEGATIVE_INFINITY;
  private double grownAt;
  private double pausedUntil = Double.NEGATIVE_INFINITY;

  /** What an asker has seen up to a moment, since the one before. */
  private record Seen(String who, double at, double since, long sent, long refused) {}

  /**
   * All askers' counts.
   *
   * @param perSecond requests sent a second
   * @param takenPerSecond those of them that were not refused
   */
  private record Sum(double sent, double refused, double perSecond, double takenPerSecond) {
    /** Refusals that are not chance. */
    double surely() {
      return refused - SURE * Math.sqrt(refused + 1);
    }

    /** The rate that is taken, of at most a known one; half of that where few were. */
    double taken(double known) {
      return sent - refused < FEW ? known / 2 : Math.min(takenPerSecond, known);
    }

    boolean isTooMuch() {
      return surely() > BEARABLE_SHARE * sent;
    }
  }

  /** Counts of one asker. */
  private static final class Count {
    private double seconds;
    private double sent;
    private double refused;
  }

  /**
   * Takes note that an asker has come: what it may begin with.
   *
   * @param isFirst whether nobody asks beside it: then a start that taught nothing is made anew,
   *     unless so much was taken by now that nothing speaks against more
   * @param perSecond requests a second, of all together
   */
  void start(double now, boolean isFirst, double perSecond) {
    boolean isProved = taken >= PROVED_SECONDS * perSecond;
    if (Double.isNaN(startedAt) || (isFirst && !isProved)) {
      startedAt = now;
      startRate = 0;
    }
    startRate = Math.max(startRate, perSecond);
  }

  /** Requests a second that may be sent; infinite while nothing is known. */
  double rate(double now) {
    if (!hasLearnt()) {
      double age = now - Math.max(startedAt, pausedUntil);
      return Double.isNaN(startedAt) || age >= START_SECONDS
          ? Double.POSITIVE_INFINITY
          : startRate * StrictMath.pow(2, Math.max(0, age) / START_DOUBLES);
    }
    double x = (now - grownAt) / period;
    double grown = x < 1 ? 1 - (1 - back) * cube(1 - x) : 1 + GROWTH * cube(x - 1) * (x - 1);
    double age = Math.max(0, now - Math.max(cutAt, pausedUntil));
    double recovered = low * StrictMath.pow(2, age / DOUBLES);
    return Math.max(SLOWEST, Math.min(threshold * grown, recovered));
  }

  private static double cube(double x) {
    return x * x * x;
  }

  /** Whether refusals have taught a rate. */
  private boolean hasLearnt() {
    return threshold < Double.POSITIVE_INFINITY;
  }

  /** Nothing is sent until then: nothing is learnt by that time's passing. */
  void pause(double until) {
    pausedUntil = Math.max(pausedUntil, until);
  }

  /** What was learnt no longer counts: the endpoint has told its limit. */
  void forget(double now) {
    threshold = Double.POSITIVE_INFINITY;
    startedAt = Double.NEGATIVE_INFINITY;
    // refusals of what was sent before say nothing
    cutAt = now;
    seen.clear();
  }

  /**
   * Takes in what an asker saw.
   *
   * @param since when it last told
   * @param isSlowDown whether a refusal asked for a lower rate for long
   * @param isKnown whether a limit is known that ought to prevent refusals
   */
  void saw(
      String who,
      double now,
      double since,
      long sent,
      long refused,
      boolean isSlowDown,
      boolean isKnown) {
    double before = rate(now);
    seen.add(new Seen(who, now, since, sent, refused));
    taken += sent - refused;
    while (!seen.isEmpty() && seen.peek().at() < now - LONGEST_LOOK_BACK) {
      seen.remove();
    }
    Sum lately = sum(now, LOOK_BACK, ENOUGH);
    boolean isMuch = lately.refused() > BEARABLE_SHARE * lately.sent();
    if (refused > 0 && isMuch) {
      refused(now, before, lately, isSlowDown, isKnown);
      if (!hasLearnt()) {
        startedAt = now;
        startRate = Math.min(before, lately.perSecond());
      }
    }
    boolean isUnused = lately.perSecond() < before * BACK / 2;
    if (hasLearnt() && now - grownAt > period && (isMuch || isUnused)) {
      // it stays about the threshold while there are refusals; and what a rate that is not used
      // could grow to is not known to be taken
      grownAt = Math.min(now - period, grownAt + (isMuch ? 2 : 1) * (now - since));
    }
  }

  private void refused(double now, double before, Sum lately, boolean isSlowDown, boolean isKnown) {
    boolean isHeavy = lately.surely() > HEAVY_SHARE * lately.sent();
    if ((!lately.isTooMuch() && !sum(now, LONG_LOOK_BACK, 4 * ENOUGH).isTooMuch())
        || now - cutAt < (isHeavy ? HEAVY_EPISODE : EPISODE)) {
      return;
    }
    Sum last = sum(now, MOMENT, ENOUGH);
    boolean isNearlyAll = last.refused() > NEARLY_ALL * last.sent();
    boolean isRecovering = hasLearnt() && before < BACK * back * threshold;
    double patience = isKnown ? PATIENCE : HELPLESS;
    boolean isFresh = hasLearnt() && now - thresholdAt < patience;
    if (isNearlyAll && (isRecovering || isFresh)) {
      cutDeeply(now, before, patience);
    } else if (!isRecovering && !isFresh) {
      double known = Math.min(before, lately.perSecond());
      // a limit that is known gets the benefit of the doubt: this may pass
      boolean isDoubt = isKnown && now - cutAt > QUIET;
      learn(now, isDoubt ? ROOM * known : lately.taken(known), isSlowDown, isKnown);
      back = isSlowDown ? SLOW_DOWN : BACK;
      low = isNearlyAll ? threshold / DEEP_CUT : threshold * back;
    } else if (last.isTooMuch() && !(isKnown && isFresh)) {
      double guess = Math.max(last.taken(before), lately.taken(before));
      learn(now, guess, isSlowDown, true);
      low = threshold * back;
    } else {
      return;
    }
    cutAt = now;
    grownAt = now;
  }

  /** Where it is no more than a guess, a better one is looked for soon. */
  private void learn(double now, double taken, boolean isSlowDown, boolean isGuess) {
    threshold = Math.max(SLOWEST, taken);
    thresholdAt = now;
    period = isSlowDown ? SLOW_PERIOD : isGuess ? PERIOD / 2 : PERIOD;
  }

  private void cutDeeply(double now, double before, double patience) {
    double lowest = threshold / DEEPEST;
    if (before <= 2 * lowest && now - thresholdAt > patience) {
      threshold = Math.max(SLOWEST, threshold / 2);
      thresholdAt = now;
    }
    low = Math.max(threshold / DEEPEST, before / DEEP_CUT);
  }

  /** Of so many seconds; of more where few requests were sent; of none before the last cut. */
  private Sum sum(double now, double lookBack, long enough) {
    Map<String, Count> counts = new HashMap<>();
    long all = 0;
    for (Iterator<Seen> each = seen.descendingIterator(); each.hasNext(); ) {
      Seen next = each.next();
      if (next.at() <= cutAt + SETTLED || (next.at() <= now - lookBack && all >= enough)) {
        break;
      }
      Count count = counts.computeIfAbsent(next.who(), who -> new Count());
      count.seconds += next.at() - Math.max(next.since(), cutAt);
      count.sent += next.sent();
      count.refused += next.refused();
      all += next.sent();
    }
    double sent = 0;
    double refused = 0;
    double perSecond = 0;
    double taken = 0;
    for (Count each : counts.values()) {
      double seconds = Math.max(each.seconds, 1e-3);
      sent += each.sent;
      refused += each.refused;
      perSecond += each.sent / seconds;
      taken += Math.max(0, each.sent - each.refused) / seconds;
    }
    return new Sum(sent, refused, perSecond, taken);
  }
}
