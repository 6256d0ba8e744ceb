package io.cria.llm;

import io.cria.task.CriaException;
import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Where a model is asked.
 *
 * @param baseUrl http or https address that ends in {@code /v1} (or what a server has in its place)
 * @param dialect what it speaks
 * @param capabilities what it understands
 * @param keyHeader the header that carries its key
 * @param apiVersion Azure's dated version, sent as {@code api-version} with every request; null
 *     where the address needs none
 */
public record Endpoint(
    String baseUrl,
    Dialect dialect,
    Capabilities capabilities,
    KeyHeader keyHeader,
    @Nullable String apiVersion) {
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
    if (apiVersion != null && !apiVersion.matches("[A-Za-z0-9._-]+")) {
      throw CriaException.badInput(
          "not a version, endpoint.apiVersion: give one such as 2024-10-21");
    }
  }

  /** An endpoint that takes its key in the header that is usual for its address. */
  public Endpoint(String baseUrl, Dialect dialect, Capabilities capabilities) {
    this(baseUrl, dialect, capabilities, usualKeyHeader(baseUrl, null), null);
  }

  /** The header that carries the key where the user names none: Azure has its own. */
  public static KeyHeader usualKeyHeader(String baseUrl, @Nullable String apiVersion) {
    String host;
    try {
      host = new URI(baseUrl).getHost();
    } catch (URISyntaxException e) {
      // What is no address is refused where an endpoint is made of it.
      return KeyHeader.BEARER;
    }
    boolean azure = apiVersion != null || (host != null && KeyHeader.isAzure(host));
    return azure ? KeyHeader.API_KEY : KeyHeader.BEARER;
  }

  /** The address requests of this endpoint's own dialect go to. */
  public String url() {
    return url(dialect);
  }

  /** The address requests of a dialect go to; a request planned in another dialect keeps it. */
  String url(Dialect other) {
    return versioned(baseUrl + other.path());
  }

  /** The address that lists its models. */
  String modelsUrl() {
    return versioned(baseUrl + "/models");
  }

  /** The address that tells of one of its models. */
  String modelUrl(String encodedId) {
    return versioned(baseUrl + "/models/" + encodedId);
  }

  private String versioned(String address) {
    return apiVersion == null ? address : address + "?api-version=" + apiVersion;
  }

  /** How messages name it. */
  String display() {
    return "POST " + url();
  }
}
