package io.cria.llm;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether an endpoint is down, by all requests of the process, and who is sent meanwhile.
 *
 * <p>Failures without a success between them are a streak. An outage begins when {@value #REQUESTS}
 * different requests have failed in one streak; or, with fewer open, when all of them have and the
 * caller has found the server down ({@link #begin}). Then requests wait for their turn and one
 * after another is sent as a probe, half a second after the beginning, then ever later up to five
 * seconds. A probe that is not back when the next is due does not hold that up, as long as fewer
 * than {@value #PROBES} are out. The first success of what was sent since ends the outage and lets
 * all go on; so does the finding that it is the requests that fail and not the server ({@link
 * #blameRequests}). Thread-safe.
 */
final class Breaker {
  static final int REQUESTS = 4;
  static final int PROBES = 4;
  private static final Duration FIRST_PROBE = Duration.ofMillis(500);
  private static final Duration LONGEST_INTERVAL = Duration.ofSeconds(5);

  private final Schedule schedule;
  private final DoubleSupplier jitter;
  private final PauseGate pauses;

  private final Set<Call.History> failing = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<Call.History> suspects = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<Long> outages = new HashSet<>();
  private final LinkedHashSet<Waiting> waiting = new LinkedHashSet<>();
  private int open;
  private int failedAndGone;
  private long streak;
  private Duration downBefore = Duration.ZERO;
  private Duration interval = FIRST_PROBE;
  private Instant nextProbe = Instant.MIN;
  private final Set<Call.History> probing = Collections.newSetFromMap(new IdentityHashMap<>());
  private Schedule.@Nullable Alarm alarm;
  private long alarmNumber;

  /** Whether a success would change nothing. Written under the lock. */
  private volatile boolean quiet = true;

  /** Written under the lock. */
  private volatile @Nullable Instant downSince;

  /** What a request's wait has come to. */
  enum Turn {
    /** It is sent, though the endpoint counts as down. */
    PROBE,
    /** The endpoint is no longer down. */
    GO_ON
  }

  /** A request that waits for its turn. */
  private static final class Waiting {
    private final Call.History request;
    private final CompletableFuture<Turn> turn;

    Waiting(Call.History request, CompletableFuture<Turn> turn) {
      this.request = request;
      this.turn = turn;
    }
  }

  /**
   * What a failure is part of.
   *
   * @param streak the number of its streak
   * @param doubtful fewer than {@link #REQUESTS} requests are open and all of them have failed:
   *     whether the server is down must be asked of it
   */
  record Failure(long streak, boolean doubtful) {}

  /**
   * @param jitter uniform in [0, 1), thread-safe
   * @param pauses within which no probe is sent
   */
  Breaker(Schedule schedule, DoubleSupplier jitter, PauseGate pauses) {
    this.schedule = schedule;
    this.jitter = jitter;
    this.pauses = pauses;
  }

  /** When the outage under way began; null while there is none. */
  @Nullable Instant downSince() {
    return downSince;
  }

  /** Time spent in outages so far. */
  synchronized Duration downTime() {
    Instant since = downSince;
    return since == null ? downBefore : downBefore.plus(Duration.between(since, schedule.now()));
  }

  /** Whether an outage began in that streak, so that its failures use up no attempt. */
  synchronized boolean forgives(long ofStreak) {
    return outages.contains(ofStreak);
  }

  /**
   * A request is under way from now on. An outage that everybody has given up on is counted anew
   * from the next request: it may have passed meanwhile.
   */
  synchronized void opened() {
    if (open == 0 && downSince != null) {
      downBefore = downTime();
      downSince = schedule.now();
      nextProbe = schedule.now();
      interval = FIRST_PROBE;
      cancelAlarm();
    }
    open++;
  }

  /** A request has come to an end. */
  synchronized void closed(Call.History request) {
    open--;
    if (failing.remove(request)) {
      failedAndGone++;
    }
    suspects.remove(request);
    probeIsBack(request);
  }

  /** An attempt has failed for a reason that lies with server or network. */
  synchronized Failure failed(Call.History request) {
    if (suspects.contains(request)) {
      probeIsBack(request);
      return new Failure(streak, false);
    }
    quiet = false;
    failing.add(request);
    boolean down = downSince != null;
    if (!down && failing.size() + failedAndGone >= REQUESTS) {
      begin(streak);
    }
    probeIsBack(request);
    return new Failure(streak, downSince == null && open < REQUESTS && failing.size() >= open);
  }

  /** The outage begins, unless there was a success since that streak or it has begun already. */
  synchronized void begin(long ofStreak) {
    if (ofStreak != streak || downSince != null) {
      return;
    }
    Instant now = schedule.now();
    outages.add(streak);
    interval = FIRST_PROBE;
    nextProbe = now.plus(jittered(interval));
    downSince = now;
    quiet = false;
  }

  /**
   * The server has answered an attempt properly, be it with a refusal of this request. In an outage
   * only what was sent since it began counts: a server that takes nothing more may still answer
   * what it had taken before.
   */
  void succeeded(Instant sentAt) {
    if (quiet) {
      return;
    }
    List<Waiting> released;
    synchronized (this) {
      Instant down = downSince;
      if (down != null && sentAt.isBefore(down.truncatedTo(ChronoUnit.MICROS))) {
        return;
      }
      released = endStreak();
    }
    for (Waiting each : released) {
      each.turn.complete(Turn.GO_ON);
    }
  }

  /** Whether there is an outage in which every request that is open has failed. */
  synchronized boolean allOpenFail() {
    return downSince != null && open > 0 && failing.size() >= open;
  }

  /**
   * The server is up, yet fails on all that is open: what they have failed and will fail uses up
   * their attempts, and makes no outage. Nothing happens unless {@link #allOpenFail}.
   */
  void blameRequests() {
    List<Waiting> released;
    synchronized (this) {
      if (!allOpenFail()) {
        return;
      }
      outages.remove(streak);
      suspects.addAll(failing);
      released = endStreak();
    }
    for (Waiting each : released) {
      each.turn.complete(Turn.GO_ON);
    }
  }

  /** The server is down after all: a failure of whatever request is as good as any. */
  synchronized void blameServer() {
    suspects.clear();
  }

  private List<Waiting> endStreak() {
    streak++;
    failing.clear();
    failedAndGone = 0;
    downBefore = downTime();
    downSince = null;
    quiet = true;
    probing.clear();
    cancelAlarm();
    List<Waiting> released = List.copyOf(waiting);
    waiting.clear();
    return released;
  }

  /**
   * A request asks to be sent: null when it may be at once; else what completes when it may, or
   * fails when its client stops before.
   */
  @Nullable CompletableFuture<Turn> turn(Call.History request, StopSwitch stop) {
    if (downSince == null) {
      return null;
    }
    Waiting waits = new Waiting(request, stop.hold());
    CompletableFuture<Turn> turn = waits.turn.whenComplete((how, stopped) -> forget(waits));
    synchronized (this) {
      if (downSince == null) {
        waits.turn.complete(Turn.GO_ON);
      } else if (!waits.turn.isDone()) {
        waiting.add(waits);
        arm();
      }
    }
    return turn;
  }

  private synchronized void forget(Waiting waits) {
    waiting.remove(waits);
  }

  /** Sends a probe when it is time for one; with a probe out, when that takes too long. */
  private void arm() {
    if (alarm != null || waiting.isEmpty() || probing.size() >= PROBES) {
      return;
    }
    Instant now = schedule.now();
    Duration wait = Duration.between(now, nextProbe);
    Duration pause = pauses.remaining(now);
    Duration longer = wait.compareTo(pause) > 0 ? wait : pause;
    Duration limit = longer.isNegative() ? Duration.ZERO : longer;
    long number = ++alarmNumber;
    Runnable task = () -> probe(number);
    alarm = probing.isEmpty() ? schedule.wait(limit, task) : schedule.deadline(limit, task);
  }

  private void probe(long byAlarm) {
    Waiting chosen;
    synchronized (this) {
      if (byAlarm != alarmNumber) {
        return;
      }
      alarm = null;
      Instant now = schedule.now();
      if (downSince == null || waiting.isEmpty()) {
        return;
      }
      if (nextProbe.isAfter(now) || !pauses.remaining(now).isZero()) {
        arm();
        return;
      }
      Iterator<Waiting> first = waiting.iterator();
      chosen = first.next();
      first.remove();
      probing.add(chosen.request);
      Duration doubled = interval.multipliedBy(2);
      interval = doubled.compareTo(LONGEST_INTERVAL) < 0 ? doubled : LONGEST_INTERVAL;
      nextProbe = now.plus(jittered(interval));
    }
    chosen.turn.complete(Turn.PROBE);
    synchronized (this) {
      arm();
    }
  }

  private void probeIsBack(Call.History request) {
    if (probing.remove(request)) {
      cancelAlarm();
      arm();
    }
  }

  private void cancelAlarm() {
    Schedule.Alarm set = alarm;
    alarm = null;
    alarmNumber++;
    if (set != null) {
      set.cancel();
    }
  }

  private Duration jittered(Duration longest) {
    return Duration.ofNanos((long) (longest.toNanos() * (0.5 + 0.5 * jitter.getAsDouble())));
  }
}
