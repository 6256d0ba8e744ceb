package io.cria.llm;

import io.cria.llm.limit.Lease;
import io.cria.llm.limit.Observed;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Lets requests out at the rates of a {@link Lease}, evenly: what is not used is kept for a tenth
 * of a second only. A request takes what it is expected to take of the tokens and is settled with
 * what it did take; what comes back lets the next one out. Further attempts go before first ones. A
 * bounded lease that has ended lets nothing out until it is renewed. Thread-safe.
 */
public final class Pacer {
  private static final double KEPT_SECONDS = 0.1;
  private static final double KEPT_TOKEN_SECONDS = 0.5;
  private static final double NANOS = 1e9;

  /** A refusal is told at once, but not more often than so. */
  private static final double URGENT_SECONDS = 0.1;

  private static final double STARTS_PER_WINDOW = 2;

  private final Schedule schedule;
  private final PauseGate pauses;
  private final Deque<Waiting> firsts = new ArrayDeque<>();
  private final Deque<Waiting> retries = new ArrayDeque<>();
  private final Instant began;
  private Runnable urgent = () -> {};
  private Lease lease;
  private double leaseEnds;
  private double requests = 1;
  private double tokens;
  private double filledAt;
  private Schedule.@Nullable Alarm alarm;
  private double alarmAt;

  private long sent;
  private long accepted;
  private long refused;
  private long slowDowns;
  private double tokensExpected;
  private double toldRequests = Double.POSITIVE_INFINITY;
  private double toldTokens = Double.POSITIVE_INFINITY;
  private int window = 1;
  private double urgentAt = Double.NEGATIVE_INFINITY;
  private double rateFrom;
  private long rateSent;
  private double rate;

  private record Waiting(double tokens, CompletableFuture<Void> turn) {}

  private Pacer(Schedule schedule, PauseGate pauses, Lease lease) {
    this.schedule = schedule;
    this.pauses = pauses;
    this.began = schedule.now();
    this.lease = lease;
    this.leaseEnds = lease.seconds();
  }

  /** One that lets everything out until it has a lease. */
  static Pacer free(Schedule schedule, PauseGate pauses) {
    return new Pacer(schedule, pauses, Lease.FREE);
  }

  /**
   * What a limit is learnt by is told at once.
   *
   * @param action must not block
   */
  public synchronized void whenUrgent(Runnable action) {
    urgent = action;
  }

  private double now() {
    Duration age = Duration.between(began, schedule.now());
    return age.getSeconds() + age.getNano() / NANOS;
  }

  /**
   * Takes a new lease.
   *
   * @param askedNanosAgo how long ago it was asked for: it holds from then on
   */
  public void lease(Lease renewed, long askedNanosAgo) {
    List<Waiting> out;
    synchronized (this) {
      double now = now();
      fill(now);
      lease = renewed;
      leaseEnds = now - askedNanosAgo / NANOS + renewed.seconds();
      if (renewed.pauseSeconds() > 0) {
        pauses.pauseUntil(
            schedule.now().plus(Duration.ofNanos((long) (renewed.pauseSeconds() * NANOS))));
      }
      requests = Math.min(requests, kept(lease.requestsPerSecond(), KEPT_SECONDS));
      tokens = Math.min(tokens, kept(lease.tokensPerSecond(), KEPT_TOKEN_SECONDS));
      cancelAlarm();
      out = out(now);
    }
    release(out);
  }

  /** For how many requests there is room in flight. */
  public synchronized void window(int size) {
    window = size;
  }

  /**
   * A request asks to be sent: null when it may be at once, else what completes when it may, or
   * fails when its client stops before.
   *
   * @param expected tokens that it will take
   */
  @Nullable CompletableFuture<Void> turn(boolean isRetry, double expected, StopSwitch stop) {
    CompletableFuture<Void> turn;
    synchronized (this) {
      if (!lease.isBounded()) {
        sent++;
        return null;
      }
      double now = now();
      fill(now);
      boolean first = firsts.isEmpty() && retries.isEmpty();
      if (first && isOpen(now) && take(expected)) {
        return null;
      }
    }
    turn = stop.hold();
    Waiting waits = new Waiting(expected, turn);
    List<Waiting> out;
    synchronized (this) {
      (isRetry ? retries : firsts).add(waits);
      out = out(now());
    }
    release(out);
    return turn;
  }

  /** Gives back the turn of a request that was not sent after all. */
  void giveBack(double expected) {
    List<Waiting> out;
    synchronized (this) {
      double now = now();
      fill(now);
      sent--;
      requests += 1;
      tokens += expected;
      out = out(now);
    }
    release(out);
  }

  /**
   * Of a request that is through.
   *
   * @param expected tokens that it was let out for
   * @param taken that it took
   */
  void settle(double expected, double taken) {
    List<Waiting> out;
    synchronized (this) {
      if (lease.tokensPerSecond() == Double.POSITIVE_INFINITY || expected == taken) {
        return;
      }
      double now = now();
      fill(now);
      tokens =
          Math.min(tokens + expected - taken, kept(lease.tokensPerSecond(), KEPT_TOKEN_SECONDS));
      cancelAlarm();
      out = out(now);
    }
    release(out);
  }

  /** Takes note of an answer. */
  void answered(boolean wasRefused, boolean slowDown) {
    Runnable tell = null;
    synchronized (this) {
      if (wasRefused) {
        refused++;
        slowDowns += slowDown ? 1 : 0;
        tell = urgent(now());
      } else {
        accepted++;
      }
    }
    run(tell);
  }

  /** Takes note of limits that the endpoint told, a second; infinite where it told none. */
  void told(double requestsPerSecond, double tokensPerSecond) {
    Runnable tell = null;
    synchronized (this) {
      boolean isNews = false;
      if (requestsPerSecond < Double.POSITIVE_INFINITY && requestsPerSecond != toldRequests) {
        toldRequests = requestsPerSecond;
        isNews = true;
      }
      if (tokensPerSecond < Double.POSITIVE_INFINITY && tokensPerSecond != toldTokens) {
        toldTokens = tokensPerSecond;
        isNews = true;
      }
      tell = isNews ? urgent(now()) : null;
    }
    run(tell);
  }

  private @Nullable Runnable urgent(double now) {
    if (now - urgentAt < URGENT_SECONDS) {
      return null;
    }
    urgentAt = now;
    return urgent;
  }

  private static void run(@Nullable Runnable action) {
    if (action != null) {
      action.run();
    }
  }

  /** What was seen so far, to be told when the lease is renewed. */
  public synchronized Observed observed() {
    double now = now();
    double seconds = now - rateFrom;
    if (seconds >= URGENT_SECONDS) {
      rate = (sent - rateSent) / seconds;
      rateFrom = now;
      rateSent = sent;
    }
    int waiting = firsts.size() + retries.size();
    double wants = rate + waiting;
    double each = tokensExpected > 0 ? tokensExpected : 1;
    Duration pause = pauses.remaining(schedule.now());
    return new Observed(
        sent,
        accepted,
        refused,
        slowDowns,
        wants,
        wants * each,
        STARTS_PER_WINDOW * window,
        toldRequests,
        toldTokens,
        pause.toNanos() / NANOS);
  }

  /** Requests that wait for their turn. */
  public synchronized int waiting() {
    return firsts.size() + retries.size();
  }

  /** Whether nothing is let out because the lease has ended. */
  public synchronized boolean isClosed() {
    return lease.isBounded() && now() > leaseEnds;
  }

  private boolean isOpen(double now) {
    return now <= leaseEnds && pauses.remaining(schedule.now()).isZero();
  }

  private static double kept(double rate, double seconds) {
    return rate == Double.POSITIVE_INFINITY ? rate : Math.max(1, rate * seconds);
  }

  private void fill(double now) {
    double passed = Math.max(0, Math.min(now, leaseEnds) - filledAt);
    filledAt = now;
    requests = filled(requests, lease.requestsPerSecond(), passed, KEPT_SECONDS);
    tokens = filled(tokens, lease.tokensPerSecond(), passed, KEPT_TOKEN_SECONDS);
  }

  private static double filled(double level, double rate, double passed, double seconds) {
    return rate == Double.POSITIVE_INFINITY
        ? 1
        : Math.min(level + rate * passed, kept(rate, seconds));
  }

  private boolean take(double expected) {
    double needed =
        lease.tokensPerSecond() == Double.POSITIVE_INFINITY
            ? 0
            : Math.min(expected, kept(lease.tokensPerSecond(), KEPT_TOKEN_SECONDS));
    if (requests < 1 - 1e-9 || (needed > 0 && tokens < needed - 1e-9)) {
      return false;
    }
    if (lease.requestsPerSecond() < Double.POSITIVE_INFINITY) {
      requests -= 1;
    }
    if (needed > 0) {
      tokens -= expected;
      tokensExpected = expected;
    }
    sent++;
    return true;
  }

  /** Those whose turn it is; sets the alarm for the next one. */
  private List<Waiting> out(double now) {
    List<Waiting> out = new ArrayList<>();
    fill(now);
    if (isOpen(now)) {
      take(retries, out);
      if (retries.isEmpty()) {
        take(firsts, out);
      }
    }
    arm(now);
    return out;
  }

  private void take(Deque<Waiting> queue, List<Waiting> out) {
    for (Iterator<Waiting> each = queue.iterator(); each.hasNext(); ) {
      Waiting next = each.next();
      if (next.turn().isDone()) {
        // its client has stopped
        each.remove();
      } else if (!lease.isBounded() || take(next.tokens())) {
        sent += lease.isBounded() ? 0 : 1;
        each.remove();
        out.add(next);
      } else {
        return;
      }
    }
  }

  private void release(List<Waiting> out) {
    for (Waiting each : out) {
      if (!each.turn().complete(null)) {
        giveBack(each.tokens());
      }
    }
  }

  private void arm(double now) {
    Waiting next = retries.isEmpty() ? firsts.peek() : retries.peek();
    if (next == null || now > leaseEnds) {
      return;
    }
    double wait = Math.max(untilFull(next), pauses.remaining(schedule.now()).toNanos() / NANOS);
    double at = now + wait;
    if (alarm != null && alarmAt <= at + 1e-6) {
      return;
    }
    cancelAlarm();
    alarmAt = at;
    alarm = schedule.wait(Duration.ofNanos((long) Math.ceil(wait * NANOS)), this::wake);
  }

  private double untilFull(Waiting next) {
    double wait = 0;
    if (lease.requestsPerSecond() < Double.POSITIVE_INFINITY) {
      wait = Math.max(wait, (1 - requests) / Math.max(lease.requestsPerSecond(), 1e-6));
    }
    if (lease.tokensPerSecond() < Double.POSITIVE_INFINITY) {
      double needed = Math.min(next.tokens(), kept(lease.tokensPerSecond(), KEPT_TOKEN_SECONDS));
      wait = Math.max(wait, (needed - tokens) / Math.max(lease.tokensPerSecond(), 1e-6));
    }
    // a lease of nothing is renewed before long
    return Math.min(Math.max(wait, 0), 60);
  }

  private void wake() {
    List<Waiting> out;
    synchronized (this) {
      alarm = null;
      out = out(now());
    }
    release(out);
  }

  private void cancelAlarm() {
    if (alarm != null) {
      alarm.cancel();
      alarm = null;
    }
  }
}
