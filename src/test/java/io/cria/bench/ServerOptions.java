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
 */
record ServerOptions(
    int port,
    double latencyMillis,
    double latencySigma,
    double faults,
    double downSeconds,
    boolean refuses,
    Path texts) {
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
  static ServerOptions parse(String[] args) {
    int port = 0;
    double latency = 0;
    double sigma = 0;
    double faults = 0;
    double down = 0;
    boolean refuses = false;
    Path texts = Path.of("no-texts");
    for (int i = 0; i < args.length; i += 2) {
      if (i + 1 == args.length) {
        throw new IllegalArgumentException(args[i] + " wants a value");
      }
      String value = args[i + 1];
      switch (args[i]) {
        case "--port" -> port = Integer.parseInt(value);
        case "--latency-ms" -> latency = Double.parseDouble(value);
        case "--latency-sigma" -> sigma = Double.parseDouble(value);
        case "--faults" -> faults = Double.parseDouble(value);
        case "--down-s" -> down = Double.parseDouble(value);
        case "--refuse" -> refuses = Boolean.parseBoolean(value);
        case "--texts" -> texts = Path.of(value);
        default -> throw new IllegalArgumentException("unknown option " + args[i]);
      }
    }
    return new ServerOptions(port, latency, sigma, faults, down, refuses, texts);
  }

  /** Nanoseconds to wait; {@code gaussian} is a draw from the standard normal law. */
  long latencyNanos(double gaussian) {
    return (long) (latencyMillis * 1e6 * Math.exp(latencySigma * gaussian));
  }
}
