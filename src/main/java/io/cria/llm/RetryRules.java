package io.cria.llm;

import java.time.Duration;

/**
 * When to ask again and when to give up.
 *
 * @param attempts attempts a request may use, at least 1; a refusal by a rate limit uses none
 * @param rebuys attempts beyond the first for an answer that was paid and cannot be read
 * @param backoffBase full jitter: the wait before retry k is uniform in [0, min(cap, base · 2^k))
 * @param backoffCap see there
 * @param retryAfterCap longest wait that a server may ask for
 * @param attemptTimeout from sending to the whole answer
 * @param totalTimeout from the first attempt to the last one's start
 * @param drainTimeout after a stop, how long answers on their way are waited for
 * @param outageTimeout from an outage's beginning until the client gives up
 */
public record RetryRules(
    int attempts,
    int rebuys,
    Duration backoffBase,
    Duration backoffCap,
    Duration retryAfterCap,
    Duration attemptTimeout,
    Duration totalTimeout,
    Duration drainTimeout,
    Duration outageTimeout) {
  public RetryRules {
    if (attempts < 1 || rebuys < 0) {
      throw new IllegalArgumentException("attempts must be at least 1, rebuys at least 0");
    }
  }

  /** The shipped values. */
  public static RetryRules standard() {
    return new RetryRules(
        8,
        2,
        Duration.ofMillis(500),
        Duration.ofSeconds(30),
        Duration.ofMinutes(2),
        Duration.ofMinutes(5),
        Duration.ofMinutes(30),
        Duration.ofMinutes(1),
        Duration.ofMinutes(10));
  }

  /** The same with other attempts. */
  public RetryRules withAttempts(int value) {
    return new RetryRules(
        value,
        rebuys,
        backoffBase,
        backoffCap,
        retryAfterCap,
        attemptTimeout,
        totalTimeout,
        drainTimeout,
        outageTimeout);
  }

  /** The same with another time for an attempt. */
  public RetryRules withAttemptTimeout(Duration value) {
    return new RetryRules(
        attempts,
        rebuys,
        backoffBase,
        backoffCap,
        retryAfterCap,
        value,
        totalTimeout,
        drainTimeout,
        outageTimeout);
  }

  /** The same with another total time. */
  public RetryRules withTotalTimeout(Duration value) {
    return new RetryRules(
        attempts,
        rebuys,
        backoffBase,
        backoffCap,
        retryAfterCap,
        attemptTimeout,
        value,
        drainTimeout,
        outageTimeout);
  }

  /** The same with another drain time. */
  public RetryRules withDrainTimeout(Duration value) {
    return new RetryRules(
        attempts,
        rebuys,
        backoffBase,
        backoffCap,
        retryAfterCap,
        attemptTimeout,
        totalTimeout,
        value,
        outageTimeout);
  }

  /** The same with another time for an outage. */
  public RetryRules withOutageTimeout(Duration value) {
    return new RetryRules(
        attempts,
        rebuys,
        backoffBase,
        backoffCap,
        retryAfterCap,
        attemptTimeout,
        totalTimeout,
        drainTimeout,
        value);
  }
}
