package io.cria.page;

import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How often each client may ask: so many requests at once, and as many again over a minute, evenly.
 * Thread-safe.
 */
public final class RequestRate {
  private static final int MOST_CLIENTS = 10_000;
  private static final double MILLIS = 60_000;

  private final int aMinute;
  private final Clock clock;
  private final Map<String, Allowance> clients =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Allowance> eldest) {
          return size() > MOST_CLIENTS;
        }
      };

  /**
   * What a client has left.
   *
   * @param requests as of {@code millis}
   */
  private record Allowance(double requests, long millis) {}

  /**
   * @param aMinute at least 1
   */
  public RequestRate(int aMinute, Clock clock) {
    if (aMinute < 1) {
      throw new IllegalArgumentException("at least 1 request a minute, not " + aMinute);
    }
    this.aMinute = aMinute;
    this.clock = clock;
  }

  /**
   * Counts a request.
   *
   * @throws PageException (429) when the client has none left
   */
  public void require(String client) {
    long now = clock.millis();
    synchronized (clients) {
      Allowance last = clients.getOrDefault(client, new Allowance(aMinute, now));
      double come = Math.max(0, now - last.millis()) * aMinute / MILLIS;
      double left = Math.min(aMinute, last.requests() + come);
      if (left < 1) {
        int seconds = (int) Math.ceil((1 - left) * MILLIS / aMinute / 1000);
        throw PageException.tooMany(
            "That was often enough for now: ask again in " + seconds + " s.", seconds);
      }
      clients.put(client, new Allowance(left - 1, now));
    }
  }
}
