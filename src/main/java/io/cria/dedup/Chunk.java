package io.cria.dedup;

import io.cria.select.Texts;
import java.io.Serializable;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Consecutive records of one slice of an input, as far as the decision needs them.
 *
 * @param slice which part of the input: a partition of text, or a Parquet file
 * @param first index of the first record in the slice
 * @param bytes of all texts
 * @param orders one order key a text; empty without an order column
 * @param wide where there are whole numbers that no double equals, as of {@link OneTable}
 * @param problem what ended the reading after these texts; null when nothing did
 */
record Chunk(
    int slice,
    long first,
    Texts texts,
    int bytes,
    List<Comparable<?>> orders,
    Set<String> wide,
    @Nullable Problem problem)
    implements Serializable {
  /** Records of one chunk; a task holds one at a time. */
  private static final int SIZE = 16_384;

  /** Bytes of texts after which none is added. */
  private static final int BYTES = 8 << 20;

  static boolean isFull(Texts.Builder texts) {
    return texts.size() >= SIZE || texts.bytes() >= BYTES;
  }

  /**
   * @param line of the slice, from 1; of the whole file for an array
   * @param message what is wrong, and the remedy
   */
  record Problem(long line, String message) implements Serializable {}
}
