package io.cria.stage.dedup;

import io.cria.stage.similarity.Texts;
import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Consecutive records of one slice of an input, as far as the decision needs them.
 *
 * @param slice which part of the input: a partition of text, or a Parquet file
 * @param first index of the first record in the slice
 * @param orders one order key a text; empty without an order column
 * @param problem what ended the reading after these texts; null when nothing did
 */
record Chunk(
    int slice, long first, Texts texts, List<Comparable<?>> orders, @Nullable Problem problem)
    implements Serializable {
  /** Records of one chunk; a task holds one at a time. */
  static final int SIZE = 16_384;

  /**
   * @param line of the slice, from 1; of the whole file for an array
   * @param message what is wrong, and the remedy
   */
  record Problem(long line, String message) implements Serializable {}
}
