package io.cria.bench;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** What a server's answers tell of its limits, as two providers do and as many do not. */
enum LimitHeaders {
  /** Nothing. */
  NONE,
  /** {@code x-ratelimit-*} on every answer, times as durations of the Go language. */
  OPENAI,
  /** {@code anthropic-ratelimit-*} on every answer, times by RFC 3339; {@code retry-after}. */
  ANTHROPIC,
  /** {@code retry-after} on a refusal, whole seconds. */
  RETRY_AFTER;

  private static final long SECOND = 1_000_000_000L;
  private static final long MILLI = 1_000_000L;
  private static final String END = "\r\n";

  /** By its name on the command line. */
  static LimitHeaders named(String name) {
    return switch (name) {
      case "none" -> NONE;
      case "openai" -> OPENAI;
      case "anthropic" -> ANTHROPIC;
      case "retry-after" -> RETRY_AFTER;
      default ->
          throw new IllegalArgumentException(
              "--limit-headers " + name + ": none, openai, anthropic and retry-after are known");
    };
  }

  /** Lines of every answer. */
  String lines(
      @Nullable TokenBucket requests, @Nullable TokenBucket tokens, long now, long wallMillis) {
    return lines("requests", requests, now, wallMillis) + lines("tokens", tokens, now, wallMillis);
  }

  private String lines(String of, @Nullable TokenBucket bucket, long now, long wallMillis) {
    if (bucket == null) {
      return "";
    }
    long limit = (long) bucket.aMinute(now);
    long remaining = Math.max(0, (long) bucket.level(now));
    long untilFull = bucket.nanosUntil(bucket.capacity(now), now);
    return switch (this) {
      case OPENAI ->
          line("x-ratelimit-limit-" + of, limit)
              + line("x-ratelimit-remaining-" + of, remaining)
              + line("x-ratelimit-reset-" + of, goDuration(untilFull));
      case ANTHROPIC ->
          line("anthropic-ratelimit-" + of + "-limit", limit)
              + line("anthropic-ratelimit-" + of + "-remaining", remaining)
              + line("anthropic-ratelimit-" + of + "-reset", second(wallMillis, untilFull));
      case NONE, RETRY_AFTER -> "";
    };
  }

  /** The line that a refusal has besides. */
  String retryAfter(long waitNanos) {
    return this == ANTHROPIC || this == RETRY_AFTER
        ? line("retry-after", Math.max(1, ceil(waitNanos, SECOND)))
        : "";
  }

  private static String line(String name, Object value) {
    return name + ": " + value + END;
  }

  /** As {@code 6m0s}, {@code 1.25s} and {@code 20ms}; whole milliseconds, rounded up. */
  static String goDuration(long nanos) {
    long millis = ceil(nanos, MILLI);
    if (millis == 0) {
      return "0s";
    }
    if (millis < 1_000) {
      return millis + "ms";
    }
    long minutes = millis / 60_000;
    String seconds =
        BigDecimal.valueOf(millis % 60_000, 3).stripTrailingZeros().toPlainString() + "s";
    if (minutes == 0) {
      return seconds;
    }
    String rest = minutes % 60 + "m" + seconds;
    return minutes < 60 ? rest : minutes / 60 + "h" + rest;
  }

  /** The whole second by which so much time has passed. */
  private static Instant second(long wallMillis, long nanos) {
    Instant then = Instant.ofEpochMilli(wallMillis).plusNanos(nanos + SECOND - 1);
    return then.truncatedTo(ChronoUnit.SECONDS);
  }

  private static long ceil(long nanos, long unit) {
    return (nanos + unit - 1) / unit;
  }
}
