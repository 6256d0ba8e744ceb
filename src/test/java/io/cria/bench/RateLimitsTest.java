package io.cria.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Limits under a clock that the test sets: times are nanoseconds since the first request. */
class RateLimitsTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long MILLI = 1_000_000L;

  /** 2026-01-01T00:00:00Z. */
  private static final long WALL = 1_767_225_600_000L;

  @Test
  void aSecondsCreditIsThereAtFirstAndThenTheRate() {
    RateLimits limits = limits("--rpm", "3000");

    assertThat(admitted(limits, 80, 0)).isEqualTo(50);
    assertThat(limits.admits(1, 19 * MILLI)).isFalse();
    assertThat(limits.admits(1, 20 * MILLI)).isTrue();
    assertThat(admitted(limits, 80, 520 * MILLI)).isEqualTo(25);
    assertThat(admitted(limits, 80, 99 * SECOND)).as("no more than the credit").isEqualTo(50);
  }

  @Test
  void aRefusalTakesNothingUnlessItIsSaidToCount() {
    RateLimits free = limits("--rpm", "600");
    RateLimits counting = limits("--rpm", "600", "--refused-count", "true");
    assertThat(admitted(free, 10, 0)).isEqualTo(10);
    assertThat(admitted(counting, 10, 0)).isEqualTo(10);

    assertThat(admitted(free, 5, 50 * MILLI)).isZero();
    assertThat(admitted(counting, 5, 50 * MILLI)).isZero();

    assertThat(free.admits(1, 100 * MILLI)).isTrue();
    assertThat(counting.admits(1, 100 * MILLI)).as("half a request was taken").isFalse();
    assertThat(counting.admits(1, 200 * MILLI)).isTrue();
  }

  @Test
  void tokensAreLimitedToo() {
    RateLimits limits = limits("--tpm", "60000", "--rpm", "600");

    assertThat(limits.admits(900, 0)).isTrue();
    assertThat(limits.admits(200, 0)).isFalse();
    assertThat(limits.admits(200, 100 * MILLI)).isTrue();
    assertThat(limits.headers(100 * MILLI, WALL)).isEmpty();
  }

  @Test
  void aRequestLargerThanTheCreditIsLetInByAFullBucketThatThenOwes() {
    RateLimits limits = limits("--tpm", "60000");

    assertThat(limits.admits(3_000, 0)).isTrue();
    assertThat(limits.admits(1, 2 * SECOND)).isFalse();
    assertThat(limits.admits(1, 2 * SECOND + 2 * MILLI)).isTrue();
  }

  @Test
  void stepsMultiplyTheLimits() {
    RateLimits limits = limits("--rpm", "3000", "--limit-steps", "60:0.5,120:2");

    assertThat(admitted(limits, 200, 0)).isEqualTo(50);
    assertThat(admitted(limits, 200, 60 * SECOND)).isEqualTo(25);
    assertThat(admitted(limits, 200, 60 * SECOND + 200 * MILLI)).isEqualTo(5);
    assertThat(admitted(limits, 200, 120 * SECOND)).as("filled at the old rate").isEqualTo(25);
    assertThat(admitted(limits, 200, 121 * SECOND)).isEqualTo(100);

    LimitSteps steps = LimitSteps.parse("60:0.5,120:2");
    assertThat(steps.integral(50 * SECOND, 130 * SECOND)).isCloseTo(10 + 30 + 20, within(1e-9));
  }

  @Test
  void openAiHeadersTellDurations() {
    RateLimits limits = limits("--rpm", "3000", "--tpm", "60000", "--limit-headers", "openai");
    assertThat(admitted(limits, 50, 0)).isEqualTo(50);

    assertThat(limits.refusal(1, 0, WALL))
        .isEqualTo(
            """
            x-ratelimit-limit-requests: 3000\r
            x-ratelimit-remaining-requests: 0\r
            x-ratelimit-reset-requests: 1s\r
            x-ratelimit-limit-tokens: 60000\r
            x-ratelimit-remaining-tokens: 950\r
            x-ratelimit-reset-tokens: 50ms\r
            """);
    assertThat(LimitHeaders.goDuration(0)).isEqualTo("0s");
    assertThat(LimitHeaders.goDuration(20 * MILLI - 1)).isEqualTo("20ms");
    assertThat(LimitHeaders.goDuration(7_660 * MILLI)).isEqualTo("7.66s");
    assertThat(LimitHeaders.goDuration(360 * SECOND)).isEqualTo("6m0s");
    assertThat(LimitHeaders.goDuration(3_670 * SECOND)).isEqualTo("1h1m10s");
  }

  @Test
  void anthropicHeadersTellTimesOfDayAndWhenToComeAgain() {
    RateLimits limits = limits("--rpm", "60", "--credit-s", "10", "--limit-headers", "anthropic");
    assertThat(admitted(limits, 20, 0)).isEqualTo(10);

    assertThat(limits.headers(0, WALL))
        .isEqualTo(
            """
            anthropic-ratelimit-requests-limit: 60\r
            anthropic-ratelimit-requests-remaining: 0\r
            anthropic-ratelimit-requests-reset: 2026-01-01T00:00:10Z\r
            """);
    assertThat(limits.refusal(1, 0, WALL)).endsWith("retry-after: 1\r\n");
  }

  @Test
  void retryAfterAloneIsWholeSecondsAndOnRefusalsOnly() {
    RateLimits limits = limits("--tpm", "6000", "--limit-headers", "retry-after");
    assertThat(limits.admits(240, 0)).isTrue();

    assertThat(limits.headers(0, WALL)).isEmpty();
    assertThat(limits.refusal(50, 0, WALL)).isEqualTo("retry-after: 2\r\n");
    assertThat(limits("--rpm", "60").refusal(1, 0, WALL)).isEmpty();
  }

  @Test
  void whatWasUsedIsToldAsAShareOfWhatWasRefilledWithTheCreditBeside() {
    RateLimits limits = limits("--rpm", "600", "--tpm", "60000", "--limit-steps", "10:0.5");
    Map<String, Object> figures = new HashMap<>();

    limits.tell(140, 7_500, 0, 20 * SECOND, figures);

    assertThat(figure(figures, "requests_allowed")).isCloseTo(150, within(1e-6));
    assertThat(figure(figures, "request_utilisation")).isCloseTo(140 / 150.0, within(1e-6));
    assertThat(figure(figures, "request_credit")).isCloseTo(10 / 150.0, within(1e-6));
    assertThat(figure(figures, "token_utilisation")).isCloseTo(0.5, within(1e-6));
  }

  private static double figure(Map<String, Object> figures, String name) {
    return (double) Objects.requireNonNull(figures.get(name), name);
  }

  private static RateLimits limits(String... options) {
    return new RateLimits(ServerOptions.parse(options).limits());
  }

  /** How many of so many requests of one token are let in at that time. */
  private static int admitted(RateLimits limits, int requests, long now) {
    int admitted = 0;
    for (int i = 0; i < requests; i++) {
      admitted += limits.admits(1, now) ? 1 : 0;
    }
    return admitted;
  }
}
