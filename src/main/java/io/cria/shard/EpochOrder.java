package io.cria.shard;

import io.cria.task.SeededRandom;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The order of one epoch's rows, and who takes which. The order is a function of (seed, epoch)
 * alone. It is cut into global batches; of a global batch, rank r of R takes the rows at r, r + R,
 * r + 2R, …: so whatever the number of ranks, a step trains on the same rows, and each row on
 * exactly one rank.
 */
public final class EpochOrder {
  private final int[] order;
  private final int globalBatch;

  private EpochOrder(int[] order, int globalBatch) {
    this.order = order;
    this.globalBatch = globalBatch;
  }

  /**
   * @param rows rows of the dataset
   * @param globalBatch rows of one optimizer step over all ranks
   * @param seed the run's seed
   * @param epoch from 0
   */
  public static EpochOrder of(int rows, int globalBatch, long seed, int epoch) {
    if (globalBatch < 1) {
      throw new IllegalArgumentException("a batch has at least one row, not " + globalBatch);
    }
    SeededRandom random = SeededRandom.of(seed, "shard-order", epoch, 0);
    int[] order = IntStream.range(0, rows).toArray();
    for (int i = rows - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      int kept = order[i];
      order[i] = order[other];
      order[other] = kept;
    }
    return new EpochOrder(order, globalBatch);
  }

  /** Steps of the epoch; the last batch may be smaller. */
  public int steps() {
    return (order.length + globalBatch - 1) / globalBatch;
  }

  /** The rows of one step over all ranks. */
  public int[] batch(int step) {
    int start = Math.multiplyExact(step, globalBatch);
    return Arrays.copyOfRange(order, start, Math.min(order.length, start + globalBatch));
  }

  /**
   * The rows of one step that {@code rank} of {@code ranks} takes; empty when the batch has fewer
   * rows than ranks.
   */
  public int[] batch(int step, int rank, int ranks) {
    if (rank < 0 || rank >= ranks) {
      throw new IllegalArgumentException("rank " + rank + " of " + ranks);
    }
    int[] batch = batch(step);
    return IntStream.range(0, batch.length)
        .filter(i -> i % ranks == rank)
        .map(i -> batch[i])
        .toArray();
  }
}
