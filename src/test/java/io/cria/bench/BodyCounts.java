package io.cria.bench;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/** How often each body came and was answered, by a hash of 64 bits. */
final class BodyCounts {
  private static final long FACTOR = 0x9E3779B97F4A7C15L;
  private static final VarHandle WORDS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final Map<Long, int[]> counts = new HashMap<>();

  /** Counts a body that came; how often it has, this time included. */
  int came(long hash) {
    return ++counts.computeIfAbsent(hash, h -> new int[2])[0];
  }

  /** Counts a body that was answered; how often it was, this time included. */
  int answered(long hash) {
    return ++counts.computeIfAbsent(hash, h -> new int[2])[1];
  }

  /** A hash of {@code bytes[from, to)}. */
  static long hash(byte[] bytes, int from, int to) {
    long hash = (long) to - from;
    int at = from;
    for (; at + Long.BYTES <= to; at += Long.BYTES) {
      hash = mix(hash ^ word(bytes, at));
    }
    for (; at < to; at++) {
      hash = mix(hash ^ bytes[at]);
    }
    return hash;
  }

  private static long mix(long value) {
    return (value * FACTOR) ^ Math.multiplyHigh(value, FACTOR);
  }

  private static long word(byte[] bytes, int at) {
    return (long) WORDS.get(bytes, at);
  }
}
