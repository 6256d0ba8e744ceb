package io.cria.sft.train;

import java.nio.file.Path;

/** Is told what a run makes while it runs, on the rank that writes it. */
public interface RunEvents {
  /** Nobody looks on. */
  RunEvents NONE = new RunEvents() {};

  /**
   * A line was written to the metrics.
   *
   * @param line one JSON object
   */
  default void metrics(String line) {}

  /** A checkpoint is whole under its name. */
  default void saved(int steps, Path checkpoint) {}

  /** Returns when the checkpoint that was saved last may be removed: the next is to be made. */
  default void awaitKept() {}
}
