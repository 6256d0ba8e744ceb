package io.cria.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LimitHeadersTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  private static HttpReply reply(String... namesAndValues) {
    Map<String, List<String>> headers = new HashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      headers.put(namesAndValues[i], List.of(namesAndValues[i + 1]));
    }
    return new HttpReply(200, headers, "");
  }

  @Test
  void openAisCountByTheMinute() {
    HttpReply reply =
        reply(
            "x-ratelimit-limit-requests", "3000",
            "x-ratelimit-remaining-requests", "2999",
            "x-ratelimit-reset-requests", "20ms",
            "x-ratelimit-limit-tokens", "2000000",
            "x-ratelimit-remaining-tokens", "1999000",
            "x-ratelimit-reset-tokens", "6.5s");
    assertThat(LimitHeaders.requests(reply, NOW)).isEqualTo(50);
    assertThat(LimitHeaders.tokens(reply, NOW)).isCloseTo(33_333.3, within(0.1));
  }

  @Test
  void anthropicsCountByTheMinute() {
    HttpReply reply =
        reply(
            "anthropic-ratelimit-requests-limit", "4000",
            "anthropic-ratelimit-requests-remaining", "3999",
            "anthropic-ratelimit-requests-reset", "2026-01-02T03:04:06Z",
            "anthropic-ratelimit-tokens-limit", "600000",
            "anthropic-ratelimit-tokens-remaining", "540000",
            "anthropic-ratelimit-tokens-reset", "2026-01-02T03:04:11Z");
    assertThat(LimitHeaders.requests(reply, NOW)).isCloseTo(66.67, within(0.01));
    assertThat(LimitHeaders.tokens(reply, NOW)).isEqualTo(10_000);
  }

  @Test
  void whatIsWholeAgainOnlyAfterLongCountsByTheDayAndBoundsNoRate() {
    // 14,400 a day: each request is back after 6 s, and yet many may be sent at once
    HttpReply reply =
        reply(
            "x-ratelimit-limit-requests", "14400",
            "x-ratelimit-remaining-requests", "14370",
            "x-ratelimit-reset-requests", "3m0s");
    assertThat(LimitHeaders.requests(reply, NOW)).isInfinite();
    HttpReply unused =
        reply(
            "x-ratelimit-limit-requests", "14400",
            "x-ratelimit-remaining-requests", "14400",
            "x-ratelimit-reset-requests", "24h");
    assertThat(LimitHeaders.requests(unused, NOW)).isInfinite();
  }

  @ParameterizedTest
  @CsvSource(
      value = {"100, 100;w=10 | 10", "600;w=60 | 10", "100;w=10;policy=\"x\" | 10"},
      delimiter = '|')
  void aWindowIsTakenAsTold(String told, double perSecond) {
    assertThat(LimitHeaders.requests(reply("ratelimit-limit", told), NOW)).isEqualTo(perSecond);
  }

  @ParameterizedTest
  @ValueSource(strings = {"100", "100;w=0", "100;w=soon", "many;w=60", ""})
  void aWindowThatIsNotToldIsNoLimit(String told) {
    assertThat(LimitHeaders.requests(reply("ratelimit-limit", told), NOW)).isInfinite();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "NaN", "Infinity", "unlimited", ""})
  void whatIsNoNumberIsNoLimit(String told) {
    assertThat(LimitHeaders.requests(reply("x-ratelimit-limit-requests", told), NOW)).isInfinite();
  }

  /** Four seconds from now, in every spelling that servers have for it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "4",
        "4s",
        "4000ms",
        "1767323049",
        "1767323049000",
        "2026-01-02T03:04:09Z",
        "Fri, 02 Jan 2026 03:04:09 GMT"
      })
  void theResetsSpellingsAreRead(String reset) {
    assertThat(RetryAfter.time(reset, NOW)).contains(java.time.Duration.ofSeconds(4));
    HttpReply reply =
        reply("x-ratelimit-limit-requests", "3000", "x-ratelimit-reset-requests", reset);
    assertThat(LimitHeaders.requests(reply, NOW)).isEqualTo(50);
  }

  @Test
  void withoutHeadersThereIsNoLimit() {
    assertThat(LimitHeaders.requests(reply(), NOW)).isInfinite();
    assertThat(LimitHeaders.tokens(reply(), NOW)).isInfinite();
  }
}
