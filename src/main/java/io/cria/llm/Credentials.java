package io.cria.llm;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What lets requests in at the endpoint: its key, and headers that a gateway before it wants; read
 * on the host that uses them, from environment variables or files. Made anew on each executor:
 * never travel in a configuration, a closure or a message; {@link #toString} names places only.
 * Thread-safe.
 */
public final class Credentials {
  private static final String KEY = "key";
  private static final int SHORTEST_TELLING = 16;
  private static final String FROM_ENVIRONMENT = "env:";
  private static final String FROM_FILE = "file:";

  private final @Nullable Secret key;
  private final Map<String, String> plain;
  private final Map<String, Secret> secret;

  private Credentials(@Nullable Secret key, Map<String, String> plain, Map<String, Secret> secret) {
    this.key = key;
    this.plain = plain;
    this.secret = secret;
  }

  private static Credentials of(@Nullable Secret key) {
    return new Credentials(key, Map.of(), Map.of());
  }

  /** No key: nothing is sent for it. */
  public static Credentials none() {
    return of(null);
  }

  /**
   * The key in an environment variable.
   *
   * @throws MissingSecretException when it is not set or no key
   */
  public static Credentials fromEnvironment(String variable) {
    return fromEnvironment(variable, System.getenv());
  }

  /** The same in an environment that is not this process's. */
  public static Credentials fromEnvironment(String variable, Map<String, String> environment) {
    return of(Secret.ofVariable(KEY, variable, environment, true));
  }

  /**
   * The key in a file, white space around it removed.
   *
   * @throws MissingSecretException when it cannot be read or holds no key
   */
  public static Credentials fromFile(Path file) {
    return of(Secret.ofFile(KEY, file, true));
  }

  /**
   * The same with further headers.
   *
   * @param headers name to {@code env:NAME}, {@code file:PATH} or a plain value
   * @throws MissingSecretException when a variable is not set or a file cannot be read
   */
  public Credentials withHeaders(Map<String, String> headers) {
    return withHeaders(headers, System.getenv());
  }

  Credentials withHeaders(Map<String, String> headers, Map<String, String> environment) {
    Map<String, String> plainOnes = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    Map<String, Secret> secretOnes = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    headers.forEach(
        (name, spec) -> {
          String what = "value of the header " + name;
          if (spec.startsWith(FROM_ENVIRONMENT)) {
            String variable = spec.substring(FROM_ENVIRONMENT.length());
            secretOnes.put(name, Secret.ofVariable(what, variable, environment, false));
          } else if (spec.startsWith(FROM_FILE)) {
            Path file = Path.of(spec.substring(FROM_FILE.length()));
            secretOnes.put(name, Secret.ofFile(what, file, false));
          } else {
            plainOnes.put(name, spec);
          }
        });
    return new Credentials(key, plainOnes, secretOnes);
  }

  /**
   * The headers to send: the key's, and those for gateways, which go first where both have one
   * name.
   */
  Map<String, String> headers(KeyHeader keyHeader) {
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    if (key != null) {
      headers.put(keyHeader.name(), keyHeader.value(key.value()));
    }
    headers.putAll(plain);
    secret.forEach((name, value) -> headers.put(name, value.value()));
    return new LinkedHashMap<>(headers);
  }

  /**
   * After a request with the headers {@code used} was refused: reads files again. Whether there are
   * other headers now.
   */
  synchronized boolean renewed(Map<String, String> used, KeyHeader keyHeader) {
    if (used.equals(headers(keyHeader))) {
      if (key != null) {
        key.refresh();
      }
      secret.values().forEach(Secret::refresh);
    }
    return !used.equals(headers(keyHeader));
  }

  /** All that is sent and must not be seen, what was replaced since too, the longest first. */
  List<String> secrets() {
    Set<String> secrets = new HashSet<>();
    for (String value : everHeld(0)) {
      secrets.add(value);
      // a server may repeat a token without the scheme before it
      secrets.add(token(value));
    }
    return longestFirst(secrets);
  }

  /** What basic credentials hold, which a server may repeat that refuses them. */
  List<String> decodedSecrets() {
    return longestFirst(
        everHeld(0).stream().flatMap(Credentials::decodedOf).collect(Collectors.toSet()));
  }

  private static Stream<String> decodedOf(String value) {
    String both = decoded(token(value));
    int colon = both.indexOf(':');
    return colon < 0 ? Stream.of() : Stream.of(both, both.substring(colon + 1));
  }

  /**
   * @param shortestHeader a header's value that is shorter may be any word, a user's name say
   */
  private List<String> everHeld(int shortestHeader) {
    List<String> held = new ArrayList<>();
    if (key != null) {
      held.addAll(key.everHeld());
    }
    for (Secret header : secret.values()) {
      header.everHeld().stream()
          .filter(value -> value.length() >= shortestHeader)
          .forEach(held::add);
    }
    return held;
  }

  private static String token(String value) {
    return value.substring(value.lastIndexOf(' ') + 1);
  }

  private static List<String> longestFirst(Set<String> secrets) {
    List<String> longestFirst = new ArrayList<>(secrets);
    longestFirst.sort(
        Comparator.comparingInt(String::length)
            .reversed()
            .thenComparing(Comparator.naturalOrder()));
    return longestFirst;
  }

  /** The text behind base64; empty where there is none. */
  private static String decoded(String token) {
    try {
      String text = new String(Base64.getDecoder().decode(token), StandardCharsets.UTF_8);
      return text.chars().allMatch(c -> c >= 0x20 && c < 0x7f) ? text : "";
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  /** Whether a text of this machine shows the key, or a header's value that is no common word. */
  public boolean isSeenIn(String text) {
    return everHeld(SHORTEST_TELLING).stream()
        .flatMap(value -> Stream.concat(Stream.of(value, token(value)), decodedOf(value)))
        .filter(Redactor::isSecret)
        .anyMatch(value -> !new SecretForms(value).blackOut(text).equals(text));
  }

  /** Where the key stands, for messages. */
  public String place() {
    return key == null ? "no key" : key.place();
  }

  @Override
  public String toString() {
    return "Credentials[" + place() + (secret.isEmpty() ? "" : ", " + secret.values()) + "]";
  }
}
