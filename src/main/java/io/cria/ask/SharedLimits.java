package io.cria.ask;

import io.cria.config.Operation;
import io.cria.llm.limit.BudgetBook;
import io.cria.llm.limit.Claim;
import io.cria.llm.limit.Observed;
import io.cria.llm.limit.RateBook;
import io.cria.run.Pace;
import io.cria.task.Amount;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The limits and caps of one job of asking, on the driver: leases both to its tasks. What is known
 * of an endpoint's limits outlives the job. Thread-safe.
 */
final class SharedLimits {
  private static final double NANOS = 1e9;
  private static final double MINUTE = 60;
  private static final double LOOK_BACK = 10;
  private static final Map<String, RateBook> ENDPOINTS = new ConcurrentHashMap<>();

  private final RateBook rates;
  private final @Nullable BudgetBook budget;
  private final LongSupplier nanos;
  private final Map<String, Told> told = new HashMap<>();
  private final Deque<Sums> history = new ArrayDeque<>();
  private final Map<String, Double> lastHeard = new HashMap<>();
  private final Set<String> ended = new HashSet<>();

  /** What a task said last. */
  private record Told(Observed observed, Claim claim, long inFlight, long window) {}

  /** All tasks' counts at a time. */
  private record Sums(double at, long sent, long refused, long tokens) {}

  /**
   * @param rates of the endpoint
   * @param budget the run's caps; null without any
   * @param nanos a clock
   */
  SharedLimits(RateBook rates, @Nullable BudgetBook budget, LongSupplier nanos) {
    this.rates = rates;
    this.budget = budget;
    this.nanos = nanos;
  }

  /** What this process knows of an endpoint, with what the user says of it now. */
  static RateBook rates(String baseUrl, Operation.Limits limits) {
    RateBook book = ENDPOINTS.computeIfAbsent(baseUrl.replaceAll("/+$", ""), url -> new RateBook());
    book.configure(perSecond(limits.requestsPerMinute()), perSecond(limits.tokensPerMinute()));
    return book;
  }

  private static double perSecond(@Nullable Number perMinute) {
    return perMinute == null ? Double.POSITIVE_INFINITY : perMinute.doubleValue() / MINUTE;
  }

  /** Takes in what a task says beside its message, and answers with its leases. */
  void renew(String holder, Map<?, ?> message, Map<String, Object> answer) {
    if (hasEnded(holder)) {
      // its last words, after which it holds nothing
      return;
    }
    Claim claim = claim(message);
    if (message.get(Inquiry.OBSERVED) instanceof double[] observed) {
      Observed seen = Observed.of(observed);
      answer.put(Inquiry.LEASED, rates.renew(holder, seen, now()).toDoubles());
      remember(
          holder,
          new Told(
              seen, claim, number(message, Inquiry.IN_FLIGHT), number(message, Inquiry.WINDOW)));
    }
    if (budget != null) {
      heard(holder);
      answer.put(Inquiry.GRANTED, budget.grant(holder, claim).toLongs());
      answer.put(Inquiry.SCARCE, budget.isScarce());
    }
  }

  private synchronized boolean hasEnded(String holder) {
    return ended.contains(holder);
  }

  /** Whoever has been silent for longer than a task may be is lost. */
  private synchronized void heard(String holder) {
    double now = now();
    lastHeard.put(holder, now);
    lastHeard.forEach(
        (each, at) -> {
          if (budget != null && now - at > DriverLink.SILENCE.toSeconds()) {
            budget.lose(each);
          }
        });
  }

  /** A task that sends nothing more. */
  void end(String holder, Map<?, ?> message) {
    rates.release(holder);
    Claim claim = claim(message);
    if (budget != null) {
      budget.end(holder, claim, Boolean.TRUE.equals(message.get(Inquiry.FAILED)));
    }
    synchronized (this) {
      ended.add(holder);
      Told last = told.get(holder);
      if (last != null) {
        told.put(holder, new Told(last.observed(), claim, 0, 0));
      }
    }
  }

  /** A task that another attempt has taken the place of: it may still send for a moment. */
  synchronized void supersede(String holder) {
    if (budget != null) {
      budget.lose(holder);
    }
    Told last = told.get(holder);
    if (last != null) {
      told.put(holder, new Told(last.observed(), last.claim(), 0, 0));
    }
  }

  /** Why a grant could not be remembered; null where all could. */
  @Nullable RuntimeException failure() {
    return budget == null ? null : budget.failure();
  }

  /** What the next request would have needed, once the cap is reached. */
  Amount reachedBy() {
    return budget == null ? Amount.ZERO : budget.reachedBy();
  }

  /** Whether the cap is reached. */
  boolean isReached() {
    return budget != null && budget.isReached();
  }

  private static Claim claim(Map<?, ?> message) {
    return message.get(Inquiry.CLAIM) instanceof long[] claim ? Claim.of(claim) : Claim.NONE;
  }

  private static long number(Map<?, ?> message, String key) {
    return message.get(key) instanceof Number number ? number.longValue() : 0;
  }

  private double now() {
    return nanos.getAsLong() / NANOS;
  }

  private synchronized void remember(String holder, Told what) {
    told.put(holder, what);
    double now = now();
    long sent = 0;
    long refused = 0;
    long tokens = 0;
    for (Told each : told.values()) {
      sent += each.observed().sent();
      refused += each.observed().refused();
      tokens += each.claim().taken().tokens();
    }
    history.add(new Sums(now, sent, refused, tokens));
    while (history.size() > 2 && history.peekFirst().at() < now - LOOK_BACK) {
      history.removeFirst();
    }
  }

  /** Taken of the caps by this job's attempts. */
  synchronized Amount taken() {
    Amount sum = Amount.ZERO;
    for (Told each : told.values()) {
      sum = sum.plus(each.claim().taken());
    }
    return sum;
  }

  /**
   * How it goes.
   *
   * @param before taken before this job
   * @param cap the caps
   * @param isDown whether the endpoint is down
   */
  synchronized Pace pace(Amount before, Amount cap, boolean isDown) {
    long inFlight = 0;
    long window = 0;
    Amount taken = before;
    Amount reserved = Amount.ZERO;
    double pause = 0;
    for (Told each : told.values()) {
      inFlight += each.inFlight();
      window += each.window();
      taken = taken.plus(each.claim().taken());
      reserved = reserved.plus(each.claim().reserved());
      pause = Math.max(pause, each.observed().pauseSeconds());
    }
    Sums first = history.isEmpty() ? new Sums(0, 0, 0, 0) : history.getFirst();
    Sums last = history.isEmpty() ? first : history.getLast();
    double seconds = Math.max(last.at() - first.at(), 1e-3);
    long sent = last.sent() - first.sent();
    return new Pace(
        sent / seconds,
        (last.tokens() - first.tokens()) / seconds,
        sent == 0 ? 0 : Math.min(1, (double) (last.refused() - first.refused()) / sent),
        inFlight,
        window,
        rates.requestsPerSecond(now()),
        taken,
        reserved,
        cap,
        waitingFor(isDown, pause));
  }

  private String waitingFor(boolean isDown, double pause) {
    if (isDown) {
      return "the endpoint, which is down";
    }
    if (budget != null && budget.isScarce()) {
      return "answers on their way: the cap is near";
    }
    if (pause >= 1) {
      return "the endpoint, which asked for a pause";
    }
    return "";
  }
}
