package io.cria.sft.train;

import java.util.List;

/** The rows to train on, in an order that only (seed, epoch) decide. */
public interface BatchSource extends AutoCloseable {
  /** Rows of one epoch, at least 1. */
  int rows();

  /**
   * The row at {@code index} of the epoch's order.
   *
   * @param epoch from 0
   * @param index in [0, rows())
   */
  TrainingRow row(int epoch, int index);

  /** Tokens of the longest row; 0 where only reading them tells. */
  default int longestRow() {
    return 0;
  }

  /** Names the data and their order: a checkpoint refuses to go on with another. */
  String fingerprint();

  @Override
  default void close() {}

  /** Rows in memory, shuffled anew each epoch by {@code seed}. */
  static BatchSource shuffled(List<TrainingRow> rows, long seed) {
    return new InMemoryRows(rows, seed, true);
  }

  /** Rows in memory, each epoch in the given order. */
  static BatchSource inOrder(List<TrainingRow> rows) {
    return new InMemoryRows(rows, 0, false);
  }
}
