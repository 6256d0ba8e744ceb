package io.cria.sft.train;

import io.cria.task.SeededRandom;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Rows held in memory. */
final class InMemoryRows implements BatchSource {
  private final List<TrainingRow> rows;
  private final long seed;
  private final boolean shuffled;
  private int orderEpoch = -1;
  private List<Integer> order = List.of();

  InMemoryRows(List<TrainingRow> rows, long seed, boolean shuffled) {
    this.rows = List.copyOf(rows);
    this.seed = seed;
    this.shuffled = shuffled;
  }

  @Override
  public int rows() {
    return rows.size();
  }

  @Override
  public int longestRow() {
    return rows.stream().mapToInt(TrainingRow::length).max().orElse(0);
  }

  @Override
  public synchronized TrainingRow row(int epoch, int index) {
    if (!shuffled) {
      return rows.get(index);
    }
    if (orderEpoch != epoch) {
      order =
          SeededRandom.of(seed, "epoch-order", epoch, 0)
              .shuffled(IntStream.range(0, rows.size()).boxed().toList());
      orderEpoch = epoch;
    }
    return rows.get(order.get(index));
  }

  @Override
  public String fingerprint() {
    int hash = 1;
    for (TrainingRow row : rows) {
      hash = 31 * hash + Arrays.hashCode(row.tokens());
      hash = 31 * hash + Arrays.hashCode(row.labels());
      hash = 31 * hash + Arrays.hashCode(row.segmentLengths());
    }
    return "memory:"
        + rows.size()
        + ":"
        + Integer.toHexString(hash)
        + ":"
        + (shuffled ? seed : "in-order");
  }
}
