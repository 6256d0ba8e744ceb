package io.cria.cli;

import java.time.Duration;
import java.time.Instant;

/**
 * Units a second, smoothed: older progress weighs less, by a time constant of half a minute, or a
 * tenth of the time since the beginning where that is more. From the first reading on it is a mean
 * of what was really done; it assumes nothing beforehand. Not thread-safe.
 */
final class Rate {
  private static final double SHORTEST_SECONDS = 30;
  private static final double SHARE = 0.1;

  private final Instant began;
  private Instant last;
  private long done;
  private double units;
  private double seconds;

  Rate(Instant began) {
    this.began = began;
    this.last = began;
  }

  /** So many units are done by now. */
  void reach(long nowDone, Instant now) {
    double passed = seconds(last, now);
    if (passed <= 0) {
      return;
    }
    double constant = Math.max(SHORTEST_SECONDS, SHARE * seconds(began, now));
    double left = Math.exp(-passed / constant);
    // progress counts as spread evenly over the time since the last reading
    double weight = constant * (1 - left);
    units = units * left + Math.max(0, nowDone - done) / passed * weight;
    seconds = seconds * left + weight;
    done = nowDone;
    last = now;
  }

  /** Units a second; 0 before anything was read. */
  double perSecond() {
    return seconds > 0 ? units / seconds : 0;
  }

  private static double seconds(Instant from, Instant to) {
    return Duration.between(from, to).toNanos() / 1e9;
  }
}
