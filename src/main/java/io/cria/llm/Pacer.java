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
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets requests out at the rates of a {@link Lease}, evenly: what is not used is kept for a tenth
 * of a second only. A request takes what it is expected to take of the tokens and is settled with
 * what it did take; what comes back lets the next one out. Further attempts go before first ones. A
 * bounded lease that has ended lets nothing out until it is renewed. Thread-safe.
 */
public final class Pacer {
  private static final double NANOS = 1e9;
  private static final double LONGEST_SECONDS = 60;

  /** A refusal is told at once, but not more often than so. */
  private static final double URGENT_SECONDS = 0.05;

  /** Over so long what was sent is averaged. */
  private static final double RATED_SECONDS = 0.4;

  /** Requests a second that a client begins with, to those that may be in flight. */
  private static final double STARTS_PER_WINDOW = 0.25;

  /** And no fewer than these: a small round should not take seconds. */
  private static final double FEWEST_STARTS = 16;

  private final Schedule schedule;
  private final PauseGate pauses;
  private final Deque<Waiting> firsts = new ArrayDeque<>();
  private final Deque<Waiting> retries = new ArrayDeque<>();
  private final Instant began;
  private @Nullable Runnable urgent;
  private final LeaseLevel level;
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
  private boolean willTell;
  private double urgentAt = Double.NEGATIVE_INFINITY;
  private double rateFrom;
  private long rateSent;
  private double rate;

  private record Waiting(DoubleSupplier tokens, CompletableFuture<Double> turn) {}

  /** One whose turn it is, with the tokens that it takes. */
  private record Out(double tokens, CompletableFuture<Double> turn) {}

  private Pacer(Schedule schedule, PauseGate pauses, Lease lease) {
    this.schedule = schedule;
    this.pauses = pauses;
    this.began = schedule.now();
    this.level = new LeaseLevel(lease);
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
    List<Out> out;
    synchronized (this) {
      double now = now();
      level.renew(renewed, now, now - askedNanosAgo / NANOS + renewed.seconds());
      if (renewed.pauseSeconds() > 0) {
        pauses.pauseUntil(
            schedule.now().plus(Duration.ofNanos((long) (renewed.pauseSeconds() * NANOS))));
      }
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
   * A request asks to be sent: completes when it may, with the tokens that it is let out for; fails
   * when its client stops before.
   *
   * @param expected tokens that it will take, as is known by then; must not block
   */
  CompletableFuture<Double> turn(boolean isRetry, DoubleSupplier expected, StopSwitch stop) {
    synchronized (this) {
      boolean isFirst = firsts.isEmpty() && retries.isEmpty();
      double now = now();
      if (level.lease().isBounded()) {
        level.fill(now);
      }
      double tokens = expected.getAsDouble();
      if (isFirst && isOpen(now) && take(tokens)) {
        return CompletableFuture.completedFuture(tokens);
      }
    }
    CompletableFuture<Double> turn = stop.hold();
    List<Out> out;
    synchronized (this) {
      (isRetry ? retries : firsts).add(new Waiting(expected, turn));
      out = out(now());
    }
    release(out);
    return turn;
  }

  /** Gives back the turn of a request that was not sent after all. */
  void giveBack(double expected) {
    List<Out> out;
    synchronized (this) {
      double now = now();
      level.fill(now);
      sent--;
      level.giveBack(expected);
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
    List<Out> out;
    synchronized (this) {
      double now = now();
      if (!level.settle(expected, taken, now)) {
        return;
      }
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

  /** What is to be run now; if not now, then it will be in a moment. */
  private @Nullable Runnable urgent(double now) {
    double wait = urgentAt + URGENT_SECONDS - now;
    if (urgent == null || willTell) {
      return null;
    }
    if (wait <= 0) {
      urgentAt = now;
      return urgent;
    }
    willTell = true;
    Schedule.Alarm unused =
        schedule.wait(Duration.ofNanos((long) Math.ceil(wait * NANOS)), this::tell);
    return null;
  }

  private void tell() {
    Runnable tell;
    synchronized (this) {
      willTell = false;
      urgentAt = now();
      tell = urgent;
    }
    run(tell);
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
    if (seconds >= RATED_SECONDS) {
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
        Math.max(FEWEST_STARTS, STARTS_PER_WINDOW * window),
        toldRequests,
        toldTokens,
        pause.toNanos() / NANOS,
        level.hasEnded(now) ? 0 : level.lease().requestsPerSecond(),
        level.hasEnded(now) ? 0 : level.lease().tokensPerSecond());
  }

  /** Whether nothing is let out because the lease has ended. */
  public synchronized boolean isClosed() {
    return level.hasEnded(now());
  }

  private boolean isOpen(double now) {
    return !level.hasEnded(now) && pauses.remaining(schedule.now()).isZero();
  }

  private boolean take(double expected) {
    if (level.lease().isBounded() && !level.take(expected)) {
      return false;
    }
    tokensExpected = expected;
    sent++;
    return true;
  }

  /** Those whose turn it is; sets the alarm for the next one. */
  private List<Out> out(double now) {
    List<Out> out = new ArrayList<>();
    level.fill(now);
    if (isOpen(now)) {
      take(retries, out);
      if (retries.isEmpty()) {
        take(firsts, out);
      }
    }
    arm(now);
    return out;
  }

  private void take(Deque<Waiting> queue, List<Out> out) {
    for (Iterator<Waiting> each = queue.iterator(); each.hasNext(); ) {
      Waiting next = each.next();
      if (next.turn().isDone()) {
        // its client has stopped
        each.remove();
        continue;
      }
      double tokens = next.tokens().getAsDouble();
      if (!take(tokens)) {
        return;
      }
      each.remove();
      out.add(new Out(tokens, next.turn()));
    }
  }

  private void release(List<Out> out) {
    for (Out each : out) {
      if (!each.turn().complete(each.tokens())) {
        giveBack(each.tokens());
      }
    }
  }

  private void arm(double now) {
    Waiting next = retries.isEmpty() ? firsts.peek() : retries.peek();
    if (next == null || level.hasEnded(now)) {
      return;
    }
    // a lease of nothing is renewed before long
    double enough = Math.min(level.untilEnough(next.tokens().getAsDouble()), LONGEST_SECONDS);
    double wait = Math.max(enough, pauses.remaining(schedule.now()).toNanos() / NANOS);
    double at = now + wait;
    if (alarm != null && alarmAt <= at + 1e-6) {
      return;
    }
    cancelAlarm();
    alarmAt = at;
    alarm = schedule.wait(Duration.ofNanos((long) Math.ceil(wait * NANOS)), this::wake);
  }

  private void wake() {
    List<Out> out;
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
