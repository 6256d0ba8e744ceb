package io.cria.llm;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.testing.FaultCase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RetryAfterTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  private static Optional<Duration> of(Map<String, List<String>> headers) {
    return RetryAfter.of(new HttpReply(429, headers, ""), NOW);
  }

  private static Optional<Duration> of(String name, String value) {
    return of(Map.of(name, List.of(value)));
  }

  @Test
  @FaultCase(1)
  void secondsMillisecondsAndDatesAreRead() {
    assertThat(of("Retry-After", "7")).contains(Duration.ofSeconds(7));
    assertThat(of("retry-after", " 0.5 ")).contains(Duration.ofMillis(500));
    assertThat(of("Retry-After-Ms", "250")).contains(Duration.ofMillis(250));
    assertThat(of("Retry-After", "Fri, 02 Jan 2026 03:04:35 GMT")).contains(Duration.ofSeconds(30));
    assertThat(of(Map.of("retry-after", List.of("1"), "retry-after-ms", List.of("20"))))
        .contains(Duration.ofMillis(20));
  }

  @Test
  @FaultCase(3)
  void whatIsNotAheadCountsAsNone() {
    assertThat(of(Map.of())).isEmpty();
    assertThat(of("Retry-After", "-5")).isEmpty();
    assertThat(of("Retry-After", "0")).isEmpty();
    assertThat(of("Retry-After", "soon")).isEmpty();
    assertThat(of("Retry-After", "Thu, 01 Jan 2026 00:00:00 GMT")).isEmpty();
    assertThat(of("Retry-After", "NaN")).isEmpty();
  }

  @Test
  @FaultCase(1)
  void goDurationsAreRead() {
    assertThat(RetryAfter.goDuration("6m0s")).contains(Duration.ofMinutes(6));
    assertThat(RetryAfter.goDuration("20ms")).contains(Duration.ofMillis(20));
    assertThat(RetryAfter.goDuration("7.66s")).contains(Duration.ofMillis(7660));
    assertThat(RetryAfter.goDuration("1h2m3s")).contains(Duration.ofSeconds(3723));
    assertThat(RetryAfter.goDuration("5")).contains(Duration.ofSeconds(5));
    assertThat(RetryAfter.goDuration("1s?")).isEmpty();
    assertThat(RetryAfter.goDuration("")).isEmpty();
  }

  @Test
  void aResetCountsWhereItsAllowanceIsUsedUp() {
    assertThat(
            of(
                Map.of(
                    "x-ratelimit-reset-requests", List.of("20ms"),
                    "x-ratelimit-remaining-requests", List.of("3"),
                    "x-ratelimit-reset-tokens", List.of("2s"),
                    "x-ratelimit-remaining-tokens", List.of("0"))))
        .contains(Duration.ofSeconds(2));
    assertThat(of("x-ratelimit-reset-requests", "20ms")).contains(Duration.ofMillis(20));
  }

  @Test
  void aWaitInTheBodyCountsWhereNoHeaderTellsOne() {
    assertThat(ofBody("[{\"error\":{\"details\":[{\"retryDelay\":\"36.5s\"}]}}]"))
        .contains(Duration.ofMillis(36_500));
    assertThat(ofBody("{\"error\":{\"metadata\":{\"retry_after\": 4}}}"))
        .contains(Duration.ofSeconds(4));
    assertThat(ofBody("{\"retry_after\":null}")).isEmpty();
    assertThat(ofBody("{\"choices\":[{\"text\":\"{\\\"retry_after\\\": 4}\"}]}")).isEmpty();
  }

  private static Optional<Duration> ofBody(String body) {
    return RetryAfter.of(new HttpReply(429, Map.of(), body), NOW);
  }

  @Test
  void anAbsurdlyLongWaitDoesNotOverflow() {
    assertThat(of("Retry-After", "1e300").orElseThrow()).isGreaterThan(Duration.ofDays(1000));
  }
}
