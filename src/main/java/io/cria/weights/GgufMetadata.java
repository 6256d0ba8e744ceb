package io.cria.weights;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The key-value pairs of a GGUF file. Values are Java's: every integer a {@link Long}, {@link
 * Float}, {@link Double}, {@link Boolean}, {@link String}; arrays are {@code long[]}, {@code
 * float[]}, {@code double[]}, {@code List<Boolean>}, {@code List<String>}, or a list of arrays. For
 * writing, {@link Integer} is a 32-bit unsigned integer, {@link Long} a 64-bit one, {@code int[]}
 * an array of signed 32-bit integers.
 */
public final class GgufMetadata {
  private final Map<String, Object> values;

  GgufMetadata(Map<String, Object> values) {
    this.values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  /** All pairs in the file's order. */
  public Map<String, Object> asMap() {
    return values;
  }

  public Optional<String> string(String key) {
    return typed(key, String.class);
  }

  public Optional<Long> integer(String key) {
    return typed(key, Long.class);
  }

  public Optional<Boolean> flag(String key) {
    return typed(key, Boolean.class);
  }

  /** A number of any kind. */
  public Optional<Double> number(String key) {
    // A float32 goes by its shortest decimal form, so that 1e-5 stays 1e-5 and not 9.99999974e-6.
    return typed(key, Number.class)
        .map(n -> n instanceof Float f ? Double.parseDouble(Float.toString(f)) : n.doubleValue());
  }

  /**
   * Whether the model is a Phi-3 by its name, {@code general.name}: that is how llama.cpp knows
   * that the control tokens of a SentencePiece vocabulary take the white space behind them along,
   * which no other key says.
   */
  public boolean isNamedPhi3() {
    return isNamedPhi3(string("general.name").orElse(""));
  }

  static boolean isNamedPhi3(String name) {
    String small = name.toLowerCase(Locale.ROOT);
    return small.contains("phi-3") || small.contains("phi3");
  }

  /** An array of strings. */
  public Optional<List<String>> strings(String key) {
    Object value = values.get(key);
    if (value instanceof List<?> list && list.stream().allMatch(String.class::isInstance)) {
      return Optional.of(list.stream().map(String.class::cast).toList());
    }
    return Optional.empty();
  }

  /** An array of integers. */
  public Optional<long[]> integers(String key) {
    return typed(key, long[].class);
  }

  private <T> Optional<T> typed(String key, Class<T> type) {
    Object value = values.get(key);
    return type.isInstance(value) ? Optional.of(type.cast(value)) : Optional.empty();
  }
}
