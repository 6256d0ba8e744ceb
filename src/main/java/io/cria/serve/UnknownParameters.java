package io.cria.serve;

import com.sun.net.httpserver.Headers;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Tells which parameters of requests mean nothing here: each client by a header {@code Warning}
 * (RFC 7234, section 5.5) a name, of at most 16 names, whoever serves the model by a line a name.
 */
final class UnknownParameters {
  private static final int MOST_NAMES = 100;
  private static final int MOST_HEADERS = 16;
  private static final int MOST_CHARACTERS = 64;

  private final Consumer<String> log;
  private final Set<String> said = ConcurrentHashMap.newKeySet();

  /**
   * @param log takes a line for whoever serves the model
   */
  UnknownParameters(Consumer<String> log) {
    this.log = log;
  }

  void tell(List<String> names, Headers headers) {
    for (String name : names.subList(0, Math.min(names.size(), MOST_HEADERS))) {
      String shown = shown(name);
      headers.add(
          "Warning",
          "299 cria \"the parameter " + shown + " is not known here: it has no effect\"");
      if (said.size() < MOST_NAMES && said.add(shown)) {
        log.accept(
            "a request has the parameter "
                + shown
                + ", which is not known here and has no effect (said once)");
      }
    }
  }

  /** A name that a header and a terminal can bear. */
  private static String shown(String name) {
    String cut = name.substring(0, Math.min(name.length(), MOST_CHARACTERS));
    return cut.replaceAll("[^A-Za-z0-9_.\\[\\]-]", "?");
  }
}
