package io.cria.bench;

import java.nio.file.Path;

/**
 * How the server behaves.
 *
 * @param port to listen on, on loopback; 0 for a free one
 * @param latencyMillis between a request's last byte and its answer: fixed, or the median
 * @param latencySigma of the lognormal law that the latency follows; 0 for the fixed one
 * @param faults share of the requests in [0, 1) that meet one: a third each a broken server, a rate
 *     limit and a reset connection; which, is a function of the body and of how often it came
 * @param downSeconds from the first request on in which every request is answered 503
 * @param refuses whether every request is answered as one with a bad key
 * @param texts a folder whose {@code *.txt} hold real sentences, one a line; need not exist
 * @param limits on requests and tokens
 * @param outage in which everything is answered 503 at once
 * @param completionTokens what the usage of an answer tells
 */
record ServerOptions(
    int port,
    double latencyMillis,
    double latencySigma,
    double faults,
    double downSeconds,
    boolean refuses,
    Path texts,
    RateLimits.Setting limits,
    Outage outage,
    TokenRange completionTokens) {
  ServerOptions {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port " + port + ": 0 to 65535 are possible");
    }
    if (!(latencyMillis >= 0 && latencySigma >= 0 && downSeconds >= 0)) {
      throw new IllegalArgumentException(
          "latency, sigma and seconds down cannot be negative: "
              + latencyMillis
              + ", "
              + latencySigma
              + ", "
              + downSeconds);
    }
    if (!(faults >= 0 && faults < 1)) {
      throw new IllegalArgumentException("faults " + faults + ": a share below 1 is wanted");
    }
  }

  /** Reads {@code --name value} pairs. */
  static ServerOptions parse(String... args) {
    int port = 0;
    double latency = 0;
    double sigma = 0;
    double faults = 0;
    double down = 0;
    boolean refuses = false;
    Path texts = Path.of("no-texts");
    double requests = 0;
    double tokens = 0;
    double credit = 1;
    boolean refusedCount = false;
    LimitHeaders headers = LimitHeaders.NONE;
    LimitSteps steps = LimitSteps.NONE;
    Outage outage = Outage.NONE;
    TokenRange completionTokens = TokenRange.BY_LENGTH;
    for (int i = 0; i < args.length; i += 2) {
      if (i + 1 == args.length) {
        throw new IllegalArgumentException(args[i] + " wants a value");
      }
      String name = args[i];
      String value = args[i + 1];
      switch (name) {
        case "--port" -> port = (int) number(name, value);
        case "--latency-ms" -> latency = number(name, value);
        case "--latency-sigma" -> sigma = number(name, value);
        case "--faults" -> faults = number(name, value);
        case "--down-s" -> down = number(name, value);
        case "--refuse" -> refuses = truth(name, value);
        case "--texts" -> texts = Path.of(value);
        case "--rpm" -> requests = number(name, value);
        case "--tpm" -> tokens = number(name, value);
        case "--credit-s" -> credit = number(name, value);
        case "--refused-count" -> refusedCount = truth(name, value);
        case "--limit-headers" -> headers = LimitHeaders.named(value);
        case "--limit-steps" -> steps = LimitSteps.parse(value);
        case "--outage" -> outage = Outage.parse(value);
        case "--completion-tokens" -> completionTokens = TokenRange.parse(value);
        default -> throw new IllegalArgumentException("unknown option " + name);
      }
    }
    return new ServerOptions(
        port,
        latency,
        sigma,
        faults,
        down,
        refuses,
        texts,
        new RateLimits.Setting(requests, tokens, credit, refusedCount, headers, steps),
        outage,
        completionTokens);
  }

  private static double number(String option, String value) {
    try {
      return Double.parseDouble(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(option + " " + value + ": a number is wanted", e);
    }
  }

  private static boolean truth(String option, String value) {
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw new IllegalArgumentException(option + " " + value + ": true or false is wanted");
    };
  }

  /**
   * Two numbers with a colon between.
   *
   * @param form what is told where it is not so
   */
  static double[] pair(String option, String value, String form) {
    String[] parts = value.split(":", -1);
    if (parts.length != 2) {
      throw new IllegalArgumentException(option + " " + value + ": " + form + " is wanted");
    }
    return new double[] {number(option, parts[0]), number(option, parts[1])};
  }

  /** Nanoseconds to wait; {@code gaussian} is a draw from the standard normal law. */
  long latencyNanos(double gaussian) {
    return (long) (latencyMillis * 1e6 * Math.exp(latencySigma * gaussian));
  }
}
