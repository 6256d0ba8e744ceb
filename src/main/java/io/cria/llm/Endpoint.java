package io.cria.llm;

import io.cria.task.CriaException;
import java.net.URI;
import java.net.URISyntaxException;

/**
 * Where a model is asked.
 *
 * @param baseUrl http or https address that ends in {@code /v1} (or what a server has in its place)
 * @param dialect what it speaks
 * @param capabilities what it understands
 */
public record Endpoint(String baseUrl, Dialect dialect, Capabilities capabilities) {
  /**
   * @throws CriaException (bad input) when the address is none, or holds a user or a query: these
   *     may be secrets
   */
  public Endpoint {
    while (baseUrl.endsWith("/")) {
      baseUrl = baseUrl.substring(0, baseUrl.length() - 1);
    }
    URI uri;
    try {
      uri = new URI(baseUrl);
    } catch (URISyntaxException e) {
      throw CriaException.badInput(
          "not an address, endpoint.baseUrl: give one such as http://127.0.0.1:8080/v1");
    }
    boolean web =
        "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
    if (!web || uri.getHost() == null || uri.getUserInfo() != null || uri.getQuery() != null) {
      throw CriaException.badInput(
          "not a plain http(s) address, endpoint.baseUrl: give one such as"
              + " http://127.0.0.1:8080/v1, without user, key or query");
    }
  }

  /** The address requests of this endpoint's own dialect go to. */
  public String url() {
    return url(dialect);
  }

  /** The address requests of a dialect go to; a request planned in another dialect keeps it. */
  String url(Dialect other) {
    return baseUrl + other.path();
  }

  /** How messages name it. */
  String display() {
    return "POST " + url();
  }
}
