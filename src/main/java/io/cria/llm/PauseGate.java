package io.cria.llm;

import java.time.Duration;
import java.time.Instant;

/**
 * A pause of all requests to an endpoint, because it said when it will take the next. Several
 * pauses: the latest end counts. Shared by the clients of a process; thread-safe.
 */
public final class PauseGate {
  private Instant until = Instant.MIN;

  synchronized void pauseUntil(Instant end) {
    if (end.isAfter(until)) {
      until = end;
    }
  }

  /** How long the pause still lasts; zero when there is none. */
  synchronized Duration remaining(Instant now) {
    return until.isAfter(now) ? Duration.between(now, until) : Duration.ZERO;
  }
}
