package io.cria.bench;

/**
 * A time in which a server answers every request 503 at once.
 *
 * @param from nanoseconds after the first request
 * @param to nanoseconds after the first request, not included
 */
record Outage(long from, long to) {
  static final Outage NONE = new Outage(0, 0);

  /** Reads {@code FROM:SECONDS}. */
  static Outage parse(String text) {
    double[] pair = ServerOptions.pair("--outage", text, "FROM:SECONDS");
    if (!(pair[0] > 0 && pair[1] > 0)) {
      throw new IllegalArgumentException(
          "--outage " + text + ": both must be above 0 (--down-s begins at the first request)");
    }
    return new Outage((long) (pair[0] * 1e9), (long) ((pair[0] + pair[1]) * 1e9));
  }

  boolean isPlanned() {
    return to > from;
  }

  boolean covers(long nanos) {
    return nanos >= from && nanos < to;
  }
}
