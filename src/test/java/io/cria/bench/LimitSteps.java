package io.cria.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * What a server's limits are multiplied by, as time goes: 1 at first, and from each step's second
 * on its factor.
 *
 * @param steps in order of time
 */
record LimitSteps(List<Step> steps) {
  static final LimitSteps NONE = new LimitSteps(List.of());

  private static final double NANOS = 1e9;

  /**
   * @param fromNanos since the first request
   * @param factor of the limits from then on
   */
  record Step(long fromNanos, double factor) {}

  LimitSteps {
    steps = List.copyOf(steps);
    long before = -1;
    for (Step step : steps) {
      if (step.fromNanos() <= before) {
        throw new IllegalArgumentException(
            "--limit-steps: seconds must be positive and ascend, " + step.fromNanos() / NANOS);
      }
      if (!(step.factor() > 0) || Double.isInfinite(step.factor())) {
        throw new IllegalArgumentException(
            "--limit-steps: a factor must be above 0, not " + step.factor());
      }
      before = step.fromNanos();
    }
  }

  /** Reads {@code SECOND:FACTOR,SECOND:FACTOR…}. */
  static LimitSteps parse(String text) {
    List<Step> steps = new ArrayList<>();
    for (String step : text.split(",", -1)) {
      double[] pair = ServerOptions.pair("--limit-steps", step, "SECOND:FACTOR");
      steps.add(new Step((long) (pair[0] * NANOS), pair[1]));
    }
    return new LimitSteps(steps);
  }

  /** The factor at a time since the first request. */
  double factor(long nanos) {
    double factor = 1;
    for (Step step : steps) {
      if (step.fromNanos() <= nanos) {
        factor = step.factor();
      }
    }
    return factor;
  }

  /** When the next step is; the end of time where there is none. */
  long nextAfter(long nanos) {
    for (Step step : steps) {
      if (step.fromNanos() > nanos) {
        return step.fromNanos();
      }
    }
    return Long.MAX_VALUE;
  }

  /** The factor's integral between two times since the first request, in seconds. */
  double integral(long from, long to) {
    double sum = 0;
    long at = from;
    for (Step step : steps) {
      if (step.fromNanos() > at && step.fromNanos() < to) {
        sum += factor(at) * (step.fromNanos() - at);
        at = step.fromNanos();
      }
    }
    return (sum + factor(at) * Math.max(0, to - at)) / NANOS;
  }
}
