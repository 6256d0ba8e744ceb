package io.cria.task;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Fields of a provider's own that go into a request's body beside those that Cria sets: {@code
 * reasoning_effort}, {@code chat_template_kwargs}, {@code top_k} … Values are JSON of any depth, as
 * {@link String}, {@link Boolean}, {@link Integer}, {@link Long} (only what an Integer does not
 * hold), finite {@link Double}, {@link List}, {@link Map} and null.
 */
public final class ExtraFields {
  /** Fields that Cria sets, or that would change what an answer is, with the remedy. */
  private static final Map<String, String> TAKEN =
      Map.ofEntries(
          Map.entry("model", "use the key model of the run file"),
          Map.entry("messages", "the prompt files make them"),
          Map.entry("prompt", "the prompt files make it"),
          Map.entry("max_tokens", beside("maxTokens")),
          Map.entry("max_completion_tokens", beside("maxTokens")),
          Map.entry("temperature", beside("temperature")),
          Map.entry("top_p", beside("topP")),
          Map.entry("min_p", beside("minP")),
          Map.entry("presence_penalty", beside("presencePenalty")),
          Map.entry("frequency_penalty", beside("frequencyPenalty")),
          Map.entry("repeat_penalty", beside("repeatPenalty")),
          Map.entry("stop", beside("stop")),
          Map.entry("logit_bias", beside("logitBias")),
          Map.entry("seed", beside("seeded")),
          Map.entry("stream", "answers are asked for whole"),
          Map.entry("stream_options", "answers are asked for whole"),
          Map.entry("n", "a request has one answer"),
          Map.entry("best_of", "a request has one answer"),
          Map.entry("echo", "an answer is without its prompt"));

  private ExtraFields() {}

  private static String beside(String key) {
    return "use the key " + key + " beside extra";
  }

  /**
   * An unmodifiable copy, sorted by name at every depth.
   *
   * @throws IllegalArgumentException naming the field, when Cria sets it itself or its value is not
   *     JSON
   */
  public static Map<String, @Nullable Object> checked(
      Map<String, ? extends @Nullable Object> fields) {
    for (String name : fields.keySet()) {
      String remedy = TAKEN.get(name);
      if (remedy != null) {
        throw new IllegalArgumentException("extra must not set '" + name + "': " + remedy);
      }
      if (name.isBlank()) {
        throw new IllegalArgumentException("extra has a field without a name: give it one");
      }
    }
    return object("extra", fields);
  }

  private static Map<String, @Nullable Object> object(String path, Map<?, ?> members) {
    Map<String, @Nullable Object> copy = new TreeMap<>();
    for (Map.Entry<?, ?> member : new LinkedHashMap<>(members).entrySet()) {
      if (!(member.getKey() instanceof String name)) {
        throw new IllegalArgumentException(
            path + " has a name that is not a text: put it in quotes");
      }
      copy.put(name, value(path + "." + name, member.getValue()));
    }
    return Collections.unmodifiableMap(copy);
  }

  private static @Nullable Object value(String path, @Nullable Object value) {
    if (value == null || value instanceof String || value instanceof Boolean) {
      return value;
    }
    if (value instanceof Integer || value instanceof Long) {
      long number = ((Number) value).longValue();
      if (number == (int) number) {
        return (int) number;
      }
      return number;
    }
    if (value instanceof Double number && Double.isFinite(number)) {
      return number;
    }
    if (value instanceof Map<?, ?> members) {
      return object(path, members);
    }
    if (value instanceof List<?> elements) {
      List<@Nullable Object> copy = new ArrayList<>();
      elements.forEach(element -> copy.add(value(path + "[]", element)));
      return Collections.unmodifiableList(copy);
    }
    throw new IllegalArgumentException(
        path
            + " is no JSON value that can be sent, but "
            + value
            + ": give a number, text or block");
  }
}
