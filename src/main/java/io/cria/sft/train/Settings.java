package io.cria.sft.train;

import org.jspecify.annotations.Nullable;

/**
 * What the records of a configuration have in common. A class of its own: were it {@link
 * SftConfig}'s, a section used before the whole would find its own default not made yet in the
 * whole's.
 */
final class Settings {
  private Settings() {}

  static <T> T or(@Nullable T value, T ifAbsent) {
    return value == null ? ifAbsent : value;
  }

  static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }
}
