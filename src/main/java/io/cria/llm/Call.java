package io.cria.llm;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One attempt on its way through the steps. */
record Call(LlmRequest request, int attempt, History history) {
  /** The next attempt of the same request. */
  Call next() {
    return new Call(request, attempt + 1, history);
  }

  /**
   * What became of a request so far. An attempt's steps run one after another, each published to
   * the next by a future: no field is used by two threads at once.
   */
  static final class History {
    /** Of the latest attempt, where it did not fail or no outage can be its excuse. */
    static final long NO_STREAK = -1;

    private final Duration totalTime;
    private @Nullable Instant began;
    private Duration downBefore = Duration.ZERO;
    private Duration held = Duration.ZERO;
    final Runnable finished;
    private final List<Long> usedInStreaks = new ArrayList<>(0);
    int rateRefusals;
    int badPaid;
    int unreachable;

    /** The streak of failures that the latest attempt is part of, or {@link #NO_STREAK}. */
    long streak = NO_STREAK;

    /** Whether the latest attempt shall use up none. */
    boolean spared;

    /** How often that was so. */
    private int sparedSoFar;

    /**
     * The decision after the latest answer: how long to wait for another attempt, or null for none.
     */
    @Nullable Duration retryIn;

    /**
     * @param totalTime from the first attempt to the last one's start, waits for limits and outages
     *     apart
     * @param finished run when the request's last record counts as kept
     */
    History(Duration totalTime, Runnable finished) {
      this.totalTime = totalTime;
      this.finished = finished;
    }

    /** An attempt is sent: with the first one its time begins. */
    void begin(Instant now, Breaker breaker) {
      if (began == null) {
        began = now;
        downBefore = breaker.downTime();
        held = Duration.ZERO;
      }
    }

    boolean hasBegun() {
      return began != null;
    }

    /** It had to wait for its turn under the limits. */
    void held(Duration time) {
      held = held.plus(time);
    }

    /** The latest attempt is used up, unless it is spared or an outage is found in its streak. */
    void useAttempt() {
      if (spared) {
        sparedSoFar++;
      } else {
        usedInStreaks.add(streak);
      }
    }

    /** Attempts after which the request has waited, those of outages apart. */
    int pauses(Breaker breaker) {
      return attemptsUsed(breaker) + sparedSoFar + rateRefusals;
    }

    /** Attempts used up so far. */
    int attemptsUsed(Breaker breaker) {
      int used = 0;
      for (long each : usedInStreaks) {
        if (each == NO_STREAK || !breaker.forgives(each)) {
          used++;
        }
      }
      return used;
    }

    /** Whether the attempt that has just failed may be the last that the rules allow. */
    boolean mayBeLast(Instant now, RetryRules rules, Breaker breaker) {
      return attemptsUsed(breaker) + 1 >= rules.attempts()
          || now.plus(rules.backoffCap()).isAfter(deadline(now, breaker));
    }

    /** Whether the latest attempt failed because the server is down, not because of the request. */
    boolean isExcused(Breaker breaker) {
      return spared || breaker.forgives(streak);
    }

    /** When the last attempt must have begun. */
    Instant deadline(Instant now, Breaker breaker) {
      Instant from = began == null ? now : began;
      return from.plus(totalTime).plus(held).plus(breaker.downTime().minus(downBefore));
    }
  }
}
