package io.cria.llm;

import io.cria.task.CriaException;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The header that carries an endpoint's key.
 *
 * @param name the header's name
 * @param scheme the word before the key, with a space between; empty for none
 */
public record KeyHeader(String name, String scheme) {
  private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

  /** As OpenAI and nearly all others want it. */
  public static final KeyHeader BEARER = new KeyHeader("Authorization", "Bearer");

  /** As Azure wants it. */
  public static final KeyHeader API_KEY = new KeyHeader("api-key", "");

  /** Hosts of Azure's model services. */
  private static final String AZURE_HOST =
      ".*\\.(openai|cognitiveservices|services\\.ai)\\.azure\\.(com|us|cn)";

  /**
   * @throws CriaException (bad input) when the name is no header's name or the scheme no word
   */
  public KeyHeader {
    if (!TOKEN.matcher(name).matches() || !(scheme.isEmpty() || TOKEN.matcher(scheme).matches())) {
      throw CriaException.badInput(
          "not a header's name with the word before the key, endpoint.keyHeader: write"
              + " \"Authorization: Bearer\" or api-key");
    }
  }

  /** Reads {@code NAME} or {@code NAME: SCHEME}. */
  public static KeyHeader parse(String written) {
    int colon = written.indexOf(':');
    return colon < 0
        ? new KeyHeader(written.strip(), "")
        : new KeyHeader(written.substring(0, colon).strip(), written.substring(colon + 1).strip());
  }

  /** Whether a host is one of Azure's model services. */
  public static boolean isAzure(String host) {
    return host.toLowerCase(Locale.ROOT).matches(AZURE_HOST);
  }

  /** The header's value with a key. */
  String value(String key) {
    return scheme.isEmpty() ? key : scheme + " " + key;
  }
}
