package io.cria.page;

import com.sun.net.httpserver.Headers;
import java.util.List;

/**
 * What a browser tells of the page that it asks for. Other clients tell nothing, and are of no
 * site.
 */
public final class Origins {
  static final String ORIGIN = "Origin";
  private static final String SITE = "Sec-Fetch-Site";

  /** A page of ours, or what was typed. Another port of this machine is another's page. */
  private static final List<String> OWN_SITES = List.of("same-origin", "none");

  private Origins() {}

  /** Whether the browser says that it asks for another site's page. */
  public static boolean isOfAnotherSite(Headers headers) {
    String site = headers.getFirst(SITE);
    return site != null && !OWN_SITES.contains(site);
  }

  /** Whether it says that it asks for a page of the server, by the name that it was asked under. */
  public static boolean isOfOwnPage(Headers headers) {
    String origin = headers.getFirst(ORIGIN);
    String host = headers.getFirst("Host");
    return origin != null && (origin.equals("http://" + host) || origin.equals("https://" + host));
  }

  /** Whether it says, in any way, that the page is not of this server. */
  public static boolean isForeign(Headers headers) {
    return isOfAnotherSite(headers) || (headers.containsKey(ORIGIN) && !isOfOwnPage(headers));
  }
}
