package io.cria.llm;

import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How long a server asks to wait: {@code retry-after-ms}; {@code retry-after}; else, for what is
 * used up, {@code x-ratelimit-reset-requests} and {@code -tokens} or those of Anthropic; else
 * {@code x-ratelimit-reset} or {@code ratelimit-reset}; else {@code retryDelay} or {@code
 * retry_after} in the body's error. Times are seconds, Go durations ({@code 6m0s}, {@code 20ms},
 * {@code 7.66s}), seconds or milliseconds of the epoch, HTTP dates or ISO dates. A negative or
 * unreadable value counts as none.
 */
final class RetryAfter {
  private static final Pattern GO_PART = Pattern.compile("(\\d+(?:\\.\\d+)?)(h|ms|m|s|us|µs|ns)");
  private static final Pattern IN_BODY =
      Pattern.compile(
          "\"(?:retryDelay|retry_delay|retry_after|retry_after_seconds)\"\\s*:\\s*"
              + "\"?(\\d{1,6}(?:\\.\\d{1,9})?(?:ms|s|m|h)?)\"?\\s*[,}\\]]");
  private static final int ERROR_BODY_MAX = 1 << 16;
  private static final double SECONDS_MAX = 1e9;

  /** Larger numbers are no wait but a moment: seconds of the epoch, or milliseconds. */
  private static final double EPOCH_SECONDS = 5e8;

  private static final double EPOCH_MILLIS = 1e11;
  private static final double LAST_MILLIS = 1e14;

  private RetryAfter() {}

  /** The wait from {@code now}, above zero; empty where the server asks for none. */
  static Optional<Duration> of(HttpReply reply, Instant now) {
    return reply
        .header("retry-after-ms")
        .flatMap(value -> number(value, 1e-3))
        .or(() -> reply.header("retry-after").flatMap(value -> time(value, now)))
        .or(() -> latest(reset(reply, "requests", now), reset(reply, "tokens", now)))
        .or(() -> reply.header("x-ratelimit-reset").flatMap(value -> time(value, now)))
        .or(() -> reply.header("ratelimit-reset").flatMap(value -> time(value, now)))
        .or(() -> inBody(reply))
        .filter(wait -> wait.compareTo(Duration.ZERO) > 0);
  }

  /** A wait, or the time from {@code now} to a moment. */
  static Optional<Duration> time(String value, Instant now) {
    Optional<Duration> told = goDuration(value);
    if (told.isPresent()) {
      double seconds = told.get().toNanos() / 1e9;
      return seconds < EPOCH_SECONDS
          ? told
          : epoch(value).map(moment -> Duration.between(now, moment)).or(() -> told);
    }
    return moment(value, DateTimeFormatter.RFC_1123_DATE_TIME.withLocale(Locale.ROOT))
        .or(() -> moment(value, DateTimeFormatter.ISO_OFFSET_DATE_TIME))
        .map(moment -> Duration.between(now, moment));
  }

  private static Optional<Instant> epoch(String value) {
    try {
      double number = Double.parseDouble(value);
      double millis = number < EPOCH_MILLIS ? number * 1e3 : number;
      return millis < LAST_MILLIS
          ? Optional.of(Instant.ofEpochMilli((long) millis))
          : Optional.empty();
    } catch (NumberFormatException e) {
      // a duration of many years: nobody waits for that
      return Optional.empty();
    }
  }

  private static Optional<Instant> moment(String value, DateTimeFormatter format) {
    try {
      return Optional.of(ZonedDateTime.parse(value, format).toInstant());
    } catch (DateTimeParseException e) {
      // Not readable so: the same as no header, and the backoff decides.
      return Optional.empty();
    }
  }

  private static Optional<Duration> inBody(HttpReply reply) {
    if (reply.body().length() > ERROR_BODY_MAX) {
      return Optional.empty();
    }
    Matcher told = IN_BODY.matcher(reply.body());
    return told.find() ? goDuration(told.group(1)) : Optional.empty();
  }

  private static Optional<Duration> reset(HttpReply reply, String what, Instant now) {
    return reset(reply, "x-ratelimit-remaining-" + what, "x-ratelimit-reset-" + what, now)
        .or(
            () ->
                reset(
                    reply,
                    "anthropic-ratelimit-" + what + "-remaining",
                    "anthropic-ratelimit-" + what + "-reset",
                    now));
  }

  private static Optional<Duration> reset(
      HttpReply reply, String remainingHeader, String resetHeader, Instant now) {
    Optional<String> remaining = reply.header(remainingHeader);
    boolean usedUp = remaining.isEmpty() || remaining.get().equals("0");
    return usedUp ? reply.header(resetHeader).flatMap(value -> time(value, now)) : Optional.empty();
  }

  private static Optional<Duration> latest(Optional<Duration> a, Optional<Duration> b) {
    if (a.isPresent() && b.isPresent()) {
      return a.get().compareTo(b.get()) >= 0 ? a : b;
    }
    return a.or(() -> b);
  }

  static Optional<Duration> goDuration(String value) {
    Matcher part = GO_PART.matcher(value);
    double seconds = 0;
    int end = 0;
    while (part.find() && part.start() == end) {
      seconds +=
          Double.parseDouble(part.group(1))
              * switch (part.group(2)) {
                case "h" -> 3600.0;
                case "m" -> 60.0;
                case "s" -> 1.0;
                case "ms" -> 1e-3;
                case "ns" -> 1e-9;
                default -> 1e-6;
              };
      end = part.end();
    }
    return end > 0 && end == value.length() ? Optional.of(seconds(seconds)) : number(value, 1);
  }

  private static Optional<Duration> number(String value, double unitSeconds) {
    try {
      double number = Double.parseDouble(value) * unitSeconds;
      return Double.isNaN(number) ? Optional.empty() : Optional.of(seconds(number));
    } catch (NumberFormatException e) {
      // Some other spelling: the caller tries that.
      return Optional.empty();
    }
  }

  private static Duration seconds(double seconds) {
    return Duration.ofNanos((long) (Math.min(SECONDS_MAX, seconds) * 1e9));
  }
}
