package io.cria.page;

import com.sun.net.httpserver.Headers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Who may ask a server. A page of another site that the browser has open may send requests here
 * too, and a name of its own may lead here: hence the Host header is one of ours, a POST comes from
 * a page of ours, and it brings the token that only such a page can have read. What a browser asks
 * for another site's page is refused where the browser says so.
 */
final class Visitors {
  /** The header that brings the token. */
  static final String TOKEN = "X-Cria-Token";

  private static final int TOKEN_BYTES = 16;

  private final Set<String> hosts;
  private final String token;

  /**
   * @param hosts the Host headers that are ours, in lower case
   */
  Visitors(Set<String> hosts) {
    this.hosts = new TreeSet<>(hosts);
    byte[] random = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(random);
    this.token = HexFormat.of().formatHex(random);
  }

  String token() {
    return token;
  }

  /** Refuses a request under a name that is not this machine's. */
  void requireHost(Headers headers) {
    String host = headers.getFirst("Host");
    if (host == null || !hosts.contains(host.toLowerCase(Locale.ROOT))) {
      throw new PageException(
          PageException.FORBIDDEN, "this server answers to " + String.join(", ", hosts) + " only");
    }
  }

  /** Refuses what a browser asks for a page of another site. */
  void requireOwnSite(Headers headers) {
    if (Origins.isOfAnotherSite(headers)) {
      throw foreign();
    }
  }

  private static PageException foreign() {
    return new PageException(PageException.FORBIDDEN, "the request comes from another site");
  }

  /** Refuses a POST that comes from no page of this server. */
  void requireOwnPage(Headers headers) {
    if (!Origins.isOfOwnPage(headers)) {
      throw foreign();
    }
    String type = headers.getFirst("Content-Type");
    if (type == null || !type.startsWith("application/json")) {
      throw new PageException(PageException.FORBIDDEN, "the request brings no JSON");
    }
    if (!isToken(headers.getFirst(TOKEN))) {
      throw new PageException(
          PageException.FORBIDDEN, "the page was loaded from an earlier server: load it again");
    }
  }

  private boolean isToken(@Nullable String given) {
    return given != null
        && MessageDigest.isEqual(
            given.getBytes(StandardCharsets.UTF_8), token.getBytes(StandardCharsets.UTF_8));
  }
}
