package io.cria.bench;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The limits a server enforces on requests and on tokens. Times are nanoseconds since the first
 * request. Used by one thread.
 */
final class RateLimits {
  private final Setting setting;
  private final @Nullable TokenBucket requests;
  private final @Nullable TokenBucket tokens;

  /**
   * @param requestsPerMinute 0 for no limit
   * @param tokensPerMinute prompt and answer together; 0 for no limit
   * @param creditSeconds of a limit that may be used at once
   * @param refusedCount whether a refused request takes from the limit of requests what is there
   * @param headers what answers tell of the limits
   * @param steps of the limits in time
   */
  record Setting(
      double requestsPerMinute,
      double tokensPerMinute,
      double creditSeconds,
      boolean refusedCount,
      LimitHeaders headers,
      LimitSteps steps) {
    static final Setting NONE = new Setting(0, 0, 1, false, LimitHeaders.NONE, LimitSteps.NONE);

    Setting {
      if (!(requestsPerMinute >= 0 && tokensPerMinute >= 0)) {
        throw new IllegalArgumentException(
            "--rpm and --tpm cannot be negative, " + requestsPerMinute + ", " + tokensPerMinute);
      }
      if (!(creditSeconds > 0) || Double.isInfinite(creditSeconds)) {
        throw new IllegalArgumentException("--credit-s must be above 0, not " + creditSeconds);
      }
      boolean limited = requestsPerMinute > 0 || tokensPerMinute > 0;
      if (!limited && headers != LimitHeaders.NONE) {
        throw new IllegalArgumentException(
            "--limit-headers without a limit to tell of: give --rpm or --tpm");
      }
      if (!limited && !steps.equals(LimitSteps.NONE)) {
        throw new IllegalArgumentException(
            "--limit-steps without a limit to step: give --rpm or --tpm");
      }
      double least = creditSeconds * requestsPerMinute / 60;
      if (requestsPerMinute > 0 && least < 1) {
        throw new IllegalArgumentException(
            "--credit-s "
                + creditSeconds
                + " of --rpm "
                + requestsPerMinute
                + " is less than one request: raise one of them");
      }
    }
  }

  RateLimits(Setting setting) {
    this.setting = setting;
    this.requests = bucket(setting.requestsPerMinute());
    this.tokens = bucket(setting.tokensPerMinute());
  }

  private @Nullable TokenBucket bucket(double aMinute) {
    return aMinute == 0 ? null : new TokenBucket(aMinute, setting.creditSeconds(), setting.steps());
  }

  /** Whether tokens are limited, so that {@link #admits} must know them. */
  boolean onTokens() {
    return tokens != null;
  }

  /** Lets a request in and takes it from the limits, or refuses it. */
  boolean admits(int tokenCount, long now) {
    boolean fits = has(requests, 1, now) && has(tokens, tokenCount, now);
    if (fits) {
      take(requests, 1, now);
      take(tokens, tokenCount, now);
    } else if (setting.refusedCount() && requests != null) {
      requests.takeRest(1, now);
    }
    return fits;
  }

  private static boolean has(@Nullable TokenBucket bucket, double amount, long now) {
    return bucket == null || bucket.has(amount, now);
  }

  private static void take(@Nullable TokenBucket bucket, double amount, long now) {
    if (bucket != null) {
      bucket.take(amount, now);
    }
  }

  /**
   * Header lines of an answer to a request that was let in.
   *
   * @param wallMillis the time of day, milliseconds since 1970
   */
  String headers(long now, long wallMillis) {
    return setting.headers().lines(requests, tokens, now, wallMillis);
  }

  /** Header lines of a refusal. */
  String refusal(int tokenCount, long now, long wallMillis) {
    long wait =
        Math.max(
            requests == null ? 0 : requests.nanosUntil(1, now),
            tokens == null ? 0 : tokens.nanosUntil(tokenCount, now));
    return headers(now, wallMillis) + setting.headers().retryAfter(wait);
  }

  /**
   * Adds what part of the limits was used. A share can exceed 1 by the credit, told beside it: what
   * the full bucket held at first, as a share of what was refilled.
   *
   * @param from the first request let in
   * @param to the last
   */
  void tell(long accepted, long acceptedTokens, long from, long to, Map<String, Object> figures) {
    share("request", requests, accepted, from, to, figures);
    share("token", tokens, acceptedTokens, from, to, figures);
  }

  private static void share(
      String of,
      @Nullable TokenBucket bucket,
      long used,
      long from,
      long to,
      Map<String, Object> figures) {
    if (bucket == null) {
      return;
    }
    double allowed = bucket.refill(from, to);
    figures.put(of + "s_allowed", allowed);
    figures.put(of + "_utilisation", allowed > 0 ? used / allowed : 0.0);
    figures.put(of + "_credit", allowed > 0 ? bucket.capacity(0) / allowed : 0.0);
  }
}
