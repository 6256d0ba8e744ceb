package io.cria.dedup;

import java.io.Serializable;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Consecutive records of one slice of an input: what the driver is told of any reading of them.
 *
 * @param slice which part of the input: a partition of text, or a Parquet file
 * @param first index of the first record in the slice
 * @param records how many
 * @param wide where there are whole numbers that no double equals, as of {@link OneTable}
 * @param kinds of values that the slice's stretches before have not at their place
 * @param problem what ended the reading after these records; null when nothing did
 */
record Stretch(
    int slice,
    long first,
    int records,
    Set<String> wide,
    List<Kinds.First> kinds,
    @Nullable Problem problem)
    implements Serializable {
  /** What a task reports of a stretch. */
  interface Told extends Serializable {
    Stretch stretch();
  }

  /** What a task makes of the texts that it has read, before anything goes to the driver. */
  @FunctionalInterface
  interface Work<T extends Told> extends Serializable {
    T of(Chunk chunk);
  }

  /**
   * @param line of the slice, from 1; of the whole file for an array
   * @param message what is wrong, and the remedy
   */
  record Problem(long line, String message) implements Serializable {}
}
