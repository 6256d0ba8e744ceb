package io.cria.config;

import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a run file may say of keys and of the headers of a request. Messages name headers, never
 * their values: a value may be a secret that was put into the wrong place.
 */
final class EndpointHeaders {
  static final String FROM_ENVIRONMENT = "env:";
  static final String FROM_FILE = "file:";

  private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
  private static final Pattern NAME = Pattern.compile(TOKEN);
  private static final Pattern KEY_HEADER = Pattern.compile(TOKEN + "\\s*(:\\s*(" + TOKEN + ")?)?");
  private static final Pattern API_VERSION = Pattern.compile("[A-Za-z0-9._-]{1,64}");
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
  private static final Pattern VALUE = Pattern.compile("[\\x20-\\x7e]+");

  /** Parts of the names of headers that carry secrets; an author is none. */
  private static final Pattern SECRET_NAME =
      Pattern.compile("auth(?!or(?!i))|key|token|secret|passw|credential|cookie|jwt|signature");

  private static final Pattern SECRET_VALUE =
      Pattern.compile(
          "(?i)(?:bearer|basic)\\s.*|(?:sk|pk|rk|gsk|xai|hf)[-_].{10,}|eyj[-_a-z0-9.]{20,}");

  /** Headers that the transport itself answers for. */
  private static final List<String> TRANSPORTS_OWN =
      List.of(
          "host",
          "content-length",
          "content-type",
          "content-encoding",
          "transfer-encoding",
          "connection",
          "te",
          "trailer",
          "upgrade",
          "expect",
          "accept-encoding");

  private EndpointHeaders() {}

  /** An unmodifiable copy, names in any case sorted and each given once. */
  static Map<String, String> checked(Map<String, String> headers) {
    Map<String, String> copy = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    headers.forEach(
        (name, value) -> {
          requireHeader(name, value);
          if (copy.put(name, value) != null) {
            throw new IllegalArgumentException("headers name '" + name + "' twice: remove one");
          }
        });
    return Collections.unmodifiableMap(copy);
  }

  private static void requireHeader(String name, @Nullable String value) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "headers has a name that is no header's: give letters, digits and hyphens, such as"
              + " X-Gateway-Team");
    }
    String lower = name.toLowerCase(Locale.ROOT);
    if (TRANSPORTS_OWN.contains(lower)) {
      throw new IllegalArgumentException(
          "headers must not set '" + name + "', which belongs to the connection: remove it");
    }
    if (value == null || !VALUE.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "headers has no usable value for '"
              + name
              + "': give one line of ASCII text, env:NAME or file:PATH");
    }
    if (value.startsWith(FROM_ENVIRONMENT)) {
      if (!VARIABLE.matcher(value.substring(FROM_ENVIRONMENT.length())).matches()) {
        throw new IllegalArgumentException(
            "headers names no environment variable for '" + name + "': write env:NAME");
      }
    } else if (value.startsWith(FROM_FILE)) {
      if (value.substring(FROM_FILE.length()).isBlank()) {
        throw new IllegalArgumentException(
            "headers names no file for '" + name + "': write file:PATH");
      }
    } else if (SECRET_NAME.matcher(lower).find() || SECRET_VALUE.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "headers holds what looks like a secret, '"
              + name
              + "': put the value into the environment or a file and write env:NAME or file:PATH");
    }
  }

  /** Where the key stands; a key that was put there itself is not shown. */
  static void requireKeyPlace(@Nullable String keyEnv, @Nullable String keyFile) {
    if (keyEnv == null) {
      return;
    }
    if (!VARIABLE.matcher(keyEnv).matches() || SECRET_VALUE.matcher(keyEnv).matches()) {
      throw new IllegalArgumentException(
          "keyEnv is no name of an environment variable: write the variable's name, not the key;"
              + " none for a server without keys");
    }
    if (keyEnv.equals(Operation.Endpoint.NO_KEY) && keyFile != null) {
      throw new IllegalArgumentException(
          "keyEnv says that the server has no keys, and keyFile is given: remove one");
    }
  }

  static void requireKeyHeader(@Nullable String keyHeader) {
    if (keyHeader == null) {
      return;
    }
    int colon = keyHeader.indexOf(':');
    String scheme = colon < 0 ? "" : keyHeader.substring(colon + 1).strip();
    String name = (colon < 0 ? keyHeader : keyHeader.substring(0, colon)).strip();
    if (TRANSPORTS_OWN.contains(name.toLowerCase(Locale.ROOT))) {
      throw new IllegalArgumentException(
          "keyHeader must not be '"
              + name
              + "', which belongs to the connection: write \"Authorization: Bearer\" or api-key");
    }
    if (!KEY_HEADER.matcher(keyHeader.strip()).matches()
        || SECRET_VALUE.matcher(scheme).matches()) {
      throw new IllegalArgumentException(
          "keyHeader is no header's name with the word before the key: write \"Authorization:"
              + " Bearer\" or api-key");
    }
  }

  static void requireApiVersion(@Nullable String apiVersion) {
    if (apiVersion != null && !API_VERSION.matcher(apiVersion).matches()) {
      throw new IllegalArgumentException(
          "apiVersion must be a version such as 2024-10-21, not '" + apiVersion + "'");
    }
  }
}
