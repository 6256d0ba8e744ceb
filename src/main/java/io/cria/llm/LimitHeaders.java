package io.cria.llm;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalDouble;

/**
 * The limits that an answer's headers tell: {@code x-ratelimit-limit-requests} and {@code -tokens}
 * (OpenAI and those who speak like it), {@code anthropic-ratelimit-requests-limit} and {@code
 * -tokens-limit}, {@code ratelimit-limit} with its window. They count by the minute, unless the
 * time until all is there again says that they count by something longer: that bounds no rate.
 */
final class LimitHeaders {
  private static final double MINUTE = 60;

  /** A limit by the minute is whole again after a minute; a little more for clocks. */
  private static final double LONGEST_RESET = 75;

  private static final Names REQUESTS = new Names("requests");
  private static final Names TOKENS = new Names("tokens");

  /** The headers of the two styles: the limit, and when it is whole again. */
  private record Names(List<List<String>> styles) {
    Names(String what) {
      this(
          List.of(
              List.of("x-ratelimit-limit-" + what, "x-ratelimit-reset-" + what),
              List.of(
                  "anthropic-ratelimit-" + what + "-limit",
                  "anthropic-ratelimit-" + what + "-reset")));
    }
  }

  private LimitHeaders() {}

  /** Requests a second that the endpoint allows; infinite where it tells none. */
  static double requests(HttpReply reply, Instant now) {
    return perSecond(reply, REQUESTS, now).orElseGet(() -> withWindow(reply));
  }

  /** Tokens a second, likewise. */
  static double tokens(HttpReply reply, Instant now) {
    return perSecond(reply, TOKENS, now).orElse(Double.POSITIVE_INFINITY);
  }

  private static OptionalDouble perSecond(HttpReply reply, Names names, Instant now) {
    for (List<String> style : names.styles()) {
      OptionalDouble limit = number(reply, style.get(0));
      if (limit.isPresent() && limit.getAsDouble() > 0) {
        Duration reset =
            reply
                .header(style.get(1))
                .flatMap(value -> RetryAfter.time(value, now))
                .orElse(Duration.ZERO);
        double seconds = reset.toMillis() / 1e3;
        return seconds <= LONGEST_RESET
            ? OptionalDouble.of(limit.getAsDouble() / MINUTE)
            : OptionalDouble.empty();
      }
    }
    return OptionalDouble.empty();
  }

  /** For example {@code 100, 100;w=10}: a hundred in ten seconds. */
  private static double withWindow(HttpReply reply) {
    String told = reply.header("ratelimit-limit").orElse("");
    int window = told.indexOf(";w=");
    if (window < 0) {
      return Double.POSITIVE_INFINITY;
    }
    String before = told.substring(0, window);
    String after = told.substring(window + 3);
    OptionalDouble limit = number(before.substring(before.lastIndexOf(',') + 1).strip());
    OptionalDouble seconds = number(after.split("[;,]", 2)[0].strip());
    return limit.isPresent() && seconds.isPresent() && seconds.getAsDouble() > 0
        ? limit.getAsDouble() / seconds.getAsDouble()
        : Double.POSITIVE_INFINITY;
  }

  private static OptionalDouble number(HttpReply reply, String header) {
    return reply.header(header).map(LimitHeaders::number).orElse(OptionalDouble.empty());
  }

  private static OptionalDouble number(String value) {
    try {
      double number = Double.parseDouble(value);
      return number >= 0 && number < Double.POSITIVE_INFINITY
          ? OptionalDouble.of(number)
          : OptionalDouble.empty();
    } catch (NumberFormatException e) {
      // a spelling that nobody documents: the same as no header
      return OptionalDouble.empty();
    }
  }
}
