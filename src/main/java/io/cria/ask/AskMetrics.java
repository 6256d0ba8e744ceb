package io.cria.ask;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import io.cria.run.Pace;
import io.cria.task.Amount;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * How asking goes, as metrics of Spark: what progress shows, on the driver; what was done in this
 * process, on each executor. Names and units stand in docs/metrics.md; in a local session both
 * sides stand in the driver's registry.
 *
 * <p>They live as long as the process, and are registered anew with each session. Thread-safe.
 */
final class AskMetrics {
  /** The driver's, over all executors. */
  static final OnDriver DRIVER = new OnDriver();

  /** This process's own. */
  static final OnExecutor EXECUTOR = new OnExecutor();

  private static final double NANO = 1e-9;

  private AskMetrics() {}

  /** Gauges of the latest {@link Pace}. Before the first one they are 0, and NaN what has none. */
  static final class OnDriver {
    private volatile @Nullable Pace latest;

    private OnDriver() {}

    void register(MetricRegistry registry) {
      number(registry, "asking.requestsPerSecond", Pace::requestsPerSecond);
      number(registry, "asking.tokensPerSecond", Pace::tokensPerSecond);
      number(registry, "asking.refusedShare", Pace::refusedShare);
      count(registry, "asking.inFlight", Pace::inFlight);
      count(registry, "asking.window", Pace::window);
      bound(registry, "asking.allowedPerSecond", Pace::allowedPerSecond);
      count(registry, "asking.waiting", pace -> pace.waitingFor().isEmpty() ? 0 : 1);
      count(registry, "asking.spent.requests", pace -> pace.spent().requests());
      count(registry, "asking.spent.tokens", pace -> pace.spent().tokens());
      number(registry, "asking.spent.usd", pace -> pace.spent().usd().doubleValue());
      count(registry, "asking.reserved.requests", pace -> pace.reserved().requests());
      count(registry, "asking.reserved.tokens", pace -> pace.reserved().tokens());
      number(registry, "asking.reserved.usd", pace -> pace.reserved().usd().doubleValue());
      bound(registry, "asking.cap.requests", pace -> bound(pace.cap().requests(), 1));
      bound(registry, "asking.cap.tokens", pace -> bound(pace.cap().tokens(), 1));
      bound(registry, "asking.cap.usd", pace -> bound(pace.cap().nanoUsd(), NANO));
    }

    void update(Pace pace) {
      latest = pace;
    }

    private void count(MetricRegistry registry, String name, ToLongFunction<Pace> value) {
      registry.register(
          name,
          (Gauge<Long>)
              () -> {
                Pace pace = latest;
                return pace == null ? 0L : value.applyAsLong(pace);
              });
    }

    private void number(MetricRegistry registry, String name, ToDoubleFunction<Pace> value) {
      registry.register(name, gauge(value, 0));
    }

    /**
     * What has no bound is no number: readers of these formats know no infinity in one spelling.
     */
    private void bound(MetricRegistry registry, String name, ToDoubleFunction<Pace> value) {
      registry.register(
          name,
          gauge(
              pace -> {
                double bound = value.applyAsDouble(pace);
                return Double.isInfinite(bound) ? Double.NaN : bound;
              },
              Double.NaN));
    }

    private Gauge<Double> gauge(ToDoubleFunction<Pace> value, double before) {
      return () -> {
        Pace pace = latest;
        return pace == null ? before : value.applyAsDouble(pace);
      };
    }

    private static double bound(long most, double unit) {
      return most == Amount.NO_BOUND ? Double.POSITIVE_INFINITY : most * unit;
    }
  }

  /** Counters of what this process has done since it began. */
  static final class OnExecutor {
    private final Counter sent = new Counter();
    private final Counter ended = new Counter();
    private final Counter refused = new Counter();
    private final Counter tokens = new Counter();
    private final DoubleAdder usd = new DoubleAdder();

    private OnExecutor() {}

    void register(MetricRegistry registry) {
      registry.register("asked.sent", sent);
      registry.register("asked.ended", ended);
      registry.register("asked.refused", refused);
      registry.register("asked.tokens", tokens);
      registry.register("asked.usd", (Gauge<Double>) usd::sum);
    }

    /**
     * Counts what was done since the last call.
     *
     * @param moreSent attempts
     * @param moreEnded attempts that came to an end
     * @param moreRefused attempts that a rate limit refused
     * @param moreTokens of answers, prompts included
     * @param moreUsd of answers with a known price
     */
    void update(long moreSent, long moreEnded, long moreRefused, long moreTokens, double moreUsd) {
      sent.inc(moreSent);
      ended.inc(moreEnded);
      refused.inc(moreRefused);
      tokens.inc(moreTokens);
      usd.add(moreUsd);
    }
  }
}
