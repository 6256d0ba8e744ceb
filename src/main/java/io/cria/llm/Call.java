package io.cria.llm;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** One attempt on its way through the steps. */
record Call(LlmRequest request, int attempt, Progress progress) {
  /** The next attempt of the same request. */
  Call next() {
    return new Call(request, attempt + 1, progress);
  }

  /**
   * What became of a request so far. An attempt's steps run one after another, each published to
   * the next by a future: no field is used by two threads at once.
   */
  static final class Progress {
    final Instant deadline;

    /** Run when the request's last record counts as kept. */
    final Runnable finished;

    int attemptsUsed;
    int rateRefusals;
    int badPaid;
    int unreachable;

    /**
     * The decision after the latest answer: how long to wait for another attempt, or null for none.
     */
    @Nullable Duration retryIn;

    Progress(Instant deadline, Runnable finished) {
      this.deadline = deadline;
      this.finished = finished;
    }
  }
}
