package io.cria.llm;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides after each answer whether there is another attempt and when; where attempts or time are
 * used up the outcome becomes {@link Outcome#FAILED}. An outage uses up neither, and once the
 * client stops no request is given up for a passing failure: the next run asks again. Stands inside
 * the ledger, so that the record tells the decision.
 */
final class RetryDecisionStep implements Step {
  private static final int LARGEST_EXPONENT = 20;

  private final Step inner;
  private final RetryRules rules;
  private final Breaker breaker;
  private final StopSwitch stop;
  private final Schedule schedule;
  private final DoubleSupplier jitter;

  /**
   * @param jitter uniform in [0, 1), thread-safe
   */
  RetryDecisionStep(
      Step inner,
      RetryRules rules,
      Breaker breaker,
      StopSwitch stop,
      Schedule schedule,
      DoubleSupplier jitter) {
    this.inner = inner;
    this.rules = rules;
    this.breaker = breaker;
    this.stop = stop;
    this.schedule = schedule;
    this.jitter = jitter;
  }

  @Override
  public CompletableFuture<Attempted> send(Call call) {
    return inner.send(call).thenApply(answered -> decide(call.history(), answered));
  }

  private Attempted decide(Call.History history, Attempted answered) {
    LedgerRecord record = answered.record();
    history.retryIn = null;
    if (!record.outcome().isRetryable()) {
      return answered;
    }
    boolean used = count(history, record.outcome());
    Duration wait = wait(history, record.outcome(), answered.retryAfter());
    Instant now = schedule.now();
    boolean inTime =
        history.isExcused(breaker) || !now.plus(wait).isAfter(history.deadline(now, breaker));
    boolean left = !used && inTime;
    boolean passing = record.outcome() != Outcome.BAD_PAID;
    if (left || (passing && stop.isStopped())) {
      history.retryIn = wait;
      return answered;
    }
    String why = (used ? "attempts used up" : "time used up") + "; last: " + record.error();
    return answered.with(record.withOutcome(Outcome.FAILED, why));
  }

  /** Counts the attempt; whether it was the last that the rules allow. */
  private boolean count(Call.History history, Outcome outcome) {
    if (outcome == Outcome.RETRY_RATE) {
      history.rateRefusals++;
      return false;
    }
    if (outcome == Outcome.BAD_PAID) {
      history.badPaid++;
    }
    history.useAttempt();
    return history.attemptsUsed(breaker) >= rules.attempts() || history.badPaid > rules.rebuys();
  }

  private Duration wait(Call.History history, Outcome outcome, @Nullable Duration retryAfter) {
    Duration backoff = backoff(history, outcome);
    return retryAfter != null && retryAfter.compareTo(backoff) > 0 ? retryAfter : backoff;
  }

  /** None in an outage: there the request waits for its turn. */
  private Duration backoff(Call.History history, Outcome outcome) {
    if (outcome == Outcome.RETRY_TRANSIENT && breaker.downSince() != null) {
      return Duration.ZERO;
    }
    int earlier = Math.max(0, history.pauses(breaker) - 1);
    double cap = rules.backoffCap().toNanos();
    double reach =
        Math.min(
            cap,
            rules.backoffBase().toNanos() * (double) (1L << Math.min(earlier, LARGEST_EXPONENT)));
    return Duration.ofNanos((long) (jitter.getAsDouble() * reach));
  }
}
