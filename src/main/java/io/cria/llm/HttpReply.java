package io.cria.llm;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A whole HTTP answer.
 *
 * @param status status code
 * @param headers lower-case name to values
 * @param body the body's text, decoded and read as UTF-8
 * @param unreadable why there is no text although there was a body; null where there is one
 */
record HttpReply(
    int status, Map<String, List<String>> headers, String body, @Nullable String unreadable) {
  HttpReply {
    Map<String, List<String>> copy = new TreeMap<>();
    headers.forEach((name, values) -> copy.put(name.toLowerCase(Locale.ROOT), List.copyOf(values)));
    headers = copy;
  }

  /** With a body that could be read. */
  HttpReply(int status, Map<String, List<String>> headers, String body) {
    this(status, headers, body, null);
  }

  /** The first header of that name (lower case). */
  Optional<String> header(String name) {
    List<String> values = headers.getOrDefault(name, List.of());
    return values.isEmpty() ? Optional.empty() : Optional.of(values.get(0).strip());
  }
}
