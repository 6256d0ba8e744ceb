package io.cria.config;

import org.jspecify.annotations.Nullable;

/**
 * Helps compact constructors to put defaults: Jackson passes null for an absent key, and the
 * constructor replaces it, so that no component is null once the record exists.
 */
final class Defaults {
  private Defaults() {}

  static <T> T or(@Nullable T value, T ifAbsent) {
    return value == null ? ifAbsent : value;
  }
}
