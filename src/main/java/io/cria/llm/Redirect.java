package io.cria.llm;

import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Words for an answer that sends its request elsewhere. It is not followed: a request that is paid
 * for, with a key in its head, goes where the user said.
 */
final class Redirect {
  private Redirect() {}

  /**
   * What to tell.
   *
   * @param location the header's value, absolute or relative; null where none was given
   * @param url where the request was sent
   * @param route what follows the base URL in {@code url}, without a query
   */
  static String told(@Nullable String location, String url, String route) {
    if (location == null || location.isBlank()) {
      return "the address sends elsewhere but does not say where to";
    }
    URI there;
    try {
      there = URI.create(url).resolve(new URI(location.strip()));
    } catch (URISyntaxException | IllegalArgumentException e) {
      return "the address sends elsewhere, to what is no address";
    }
    String path = there.getRawPath() == null ? "" : there.getRawPath();
    String target = there.getScheme() + "://" + there.getRawAuthority();
    if (there.getHost() == null || there.getRawUserInfo() != null) {
      return "the address sends elsewhere, to what is no plain address";
    }
    if (path.endsWith(route)) {
      return "the address sends elsewhere: give endpoint.baseUrl as "
          + target
          + path.substring(0, path.length() - route.length());
    }
    return "the address sends elsewhere, to " + target + path;
  }
}
