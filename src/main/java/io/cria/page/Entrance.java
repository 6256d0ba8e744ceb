package io.cria.page;

import java.security.SecureRandom;
import java.time.Clock;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Lets in whoever knows the password, and knows them again for some hours by a cookie. Thread-safe.
 */
final class Entrance {
  private static final int TRIES_A_MINUTE = 10;
  private static final int MOST_SESSIONS = 10_000;
  private static final int SECONDS = 12 * 3600;
  private static final int TOKEN_BYTES = 32;

  private final @Nullable Password password;
  private final String cookie;
  private final Clock clock;
  private final RequestRate tries;
  private final SecureRandom random = new SecureRandom();
  private final Map<String, Long> ends =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > MOST_SESSIONS;
        }
      };

  /**
   * @param password null where everybody may come in
   * @param port tells servers of one machine apart, whose cookies a browser mixes
   */
  Entrance(@Nullable Password password, int port, Clock clock) {
    this.password = password;
    this.cookie = "cria-session-" + port;
    this.clock = clock;
    this.tries = new RequestRate(TRIES_A_MINUTE, clock);
  }

  /** Whether whoever asks is in. */
  boolean isIn(PageRequest request) {
    if (password == null) {
      return true;
    }
    String session = request.cookie(cookie).orElse("");
    synchronized (ends) {
      Long end = ends.get(session);
      return end != null && clock.millis() < end;
    }
  }

  /** Refuses whoever is not in. */
  void require(PageRequest request) {
    if (!isIn(request)) {
      throw new PageException(PageException.UNAUTHORIZED, "The password is asked for.");
    }
  }

  /** Takes a password, and lets in by a cookie. */
  Object enter(PageRequest request) {
    if (password == null) {
      return Map.of("in", true);
    }
    tries.require(request.client());
    if (!password.is(request.text("password"))) {
      throw new PageException(PageException.UNAUTHORIZED, "That is not the password.");
    }
    byte[] bytes = new byte[TOKEN_BYTES];
    random.nextBytes(bytes);
    String session = HexFormat.of().formatHex(bytes);
    synchronized (ends) {
      ends.put(session, clock.millis() + SECONDS * 1000L);
    }
    return new Kept(Map.of("in", true), cookie, session, SECONDS);
  }
}
