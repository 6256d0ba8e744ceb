package io.cria.llm;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Holds every request back while the endpoint has asked for a pause, all but a probe while it is
 * down, and else until the limits let it out; learns pauses and limits from its answers.
 */
final class HoldStep implements Step {
  /** Statuses of a server that as a whole has too much to do. */
  private static final Set<Integer> OVERLOAD = Set.of(503, 529);

  private static final int TOO_MANY = 429;

  /** In place of expected tokens: of a request that the limits did not let out. */
  private static final double PROBE = -1;

  private final Step inner;
  private final EndpointHealth health;
  private final Pacer pacer;
  private final Schedule schedule;
  private final StopSwitch stop;

  HoldStep(Step inner, EndpointHealth health, Pacer pacer, Schedule schedule, StopSwitch stop) {
    this.inner = inner;
    this.health = health;
    this.pacer = pacer;
    this.schedule = schedule;
    this.stop = stop;
  }

  @Override
  public CompletableFuture<Attempted> send(Call call) {
    Duration pause = health.pauses().remaining(schedule);
    if (!pause.isZero()) {
      return stop.sleep(pause).thenCompose(ignored -> send(call));
    }
    CompletableFuture<Breaker.Turn> turn = health.breaker().turn(call.history(), stop);
    return turn == null
        ? paced(call)
        : turn.thenCompose(how -> how == Breaker.Turn.PROBE ? sendNow(call, PROBE) : send(call));
  }

  private CompletableFuture<Attempted> paced(Call call) {
    TokenEstimate estimate = health.estimate(call.request().stage());
    long bytes = call.request().promptBytes();
    int most = call.request().decoding().maxTokens();
    Instant asked = schedule.now();
    CompletableFuture<Double> turn =
        pacer.turn(
            call.history().hasBegun() || call.attempt() > 1, () -> estimate.of(bytes, most), stop);
    return turn.isDone() && !turn.isCompletedExceptionally()
        ? sendNow(call, turn.join())
        : turn.thenCompose(expected -> afterWait(call, asked, expected));
  }

  private CompletableFuture<Attempted> afterWait(Call call, Instant asked, double expected) {
    call.history().held(Duration.between(asked, schedule.now()));
    if (health.breaker().downSince() == null && health.pauses().remaining(schedule).isZero()) {
      return sendNow(call, expected);
    }
    pacer.giveBack(expected);
    return send(call);
  }

  private CompletableFuture<Attempted> sendNow(Call call, double expected) {
    call.history().begin(schedule.now(), health.breaker());
    health.sent();
    return sent(call)
        .whenComplete((answered, failure) -> settle(call, expected, answered))
        .thenApply(this::heed);
  }

  private CompletableFuture<Attempted> sent(Call call) {
    try {
      return inner.send(call);
    } catch (Throwable e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void settle(Call call, double expected, @Nullable Attempted answered) {
    health.back();
    if (expected == PROBE) {
      return;
    }
    Usage usage = answered == null ? null : answered.record().usage();
    if (usage != null) {
      health.estimate(call.request().stage()).learn(call.request().promptBytes(), usage);
      pacer.settle(expected, (double) usage.prompt() + usage.completion());
    } else if (answered != null && !answered.record().suspectedPaid()) {
      pacer.settle(expected, 0);
    }
  }

  private Attempted heed(Attempted answered) {
    LedgerRecord record = answered.record();
    boolean slowDown = asksToSlowDown(record.error());
    boolean refused = record.outcome() == Outcome.RETRY_RATE || slowDown;
    if (refused || (record.httpStatus() != null && answered.sign() == Sign.UP)) {
      pacer.answered(refused, slowDown);
    }
    boolean overload = OVERLOAD.contains(answered.status()) && !slowDown;
    health.judgeLoad(overload, answered.sign() == Sign.FAILURE);
    Duration wait = answered.retryAfter();
    if (wait != null && (refused || overload || answered.status() == TOO_MANY)) {
      health.pauses().pauseUntil(schedule.now().plus(wait));
    }
    return answered;
  }

  private static boolean asksToSlowDown(@Nullable String error) {
    if (error == null) {
      return false;
    }
    String words = error.toLowerCase(Locale.ROOT);
    return words.contains("slow_down") || words.contains("slowdown");
  }
}
