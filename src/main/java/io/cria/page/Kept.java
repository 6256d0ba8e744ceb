package io.cria.page;

/**
 * An answer that the browser is to remember by a cookie, which no script reads and no other site
 * has sent along.
 *
 * @param body what Jackson writes
 * @param cookie the cookie's name
 * @param value letters, digits, minus and underscore
 * @param seconds how long it is kept
 */
public record Kept(Object body, String cookie, String value, int seconds) {
  public Kept {
    if (!cookie.matches("[\\w-]+") || !value.matches("[\\w-]+")) {
      throw new IllegalArgumentException("no cookie: " + cookie);
    }
  }

  String header(boolean secure) {
    return cookie
        + "="
        + value
        + "; Path=/; Max-Age="
        + seconds
        + "; HttpOnly; SameSite=Strict"
        + (secure ? "; Secure" : "");
  }
}
