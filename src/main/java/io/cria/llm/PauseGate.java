package io.cria.llm;

import java.time.Duration;
import java.time.Instant;

/**
 * A pause of all requests to an endpoint, because it said when it will take the next. Several
 * pauses: the latest end counts. Shared by the clients of a process; thread-safe.
 */
final class PauseGate {
  private volatile Instant until = Instant.MIN;

  synchronized void pauseUntil(Instant end) {
    if (end.isAfter(until)) {
      until = end;
    }
  }

  /** How long the pause still lasts; zero when there is none. */
  Duration remaining(Schedule schedule) {
    Instant end = until;
    return end.equals(Instant.MIN) ? Duration.ZERO : remaining(schedule.now());
  }

  /** How long the pause still lasts at {@code now}; zero when there is none. */
  Duration remaining(Instant now) {
    Instant end = until;
    return end.isAfter(now) ? Duration.between(now, end) : Duration.ZERO;
  }
}
