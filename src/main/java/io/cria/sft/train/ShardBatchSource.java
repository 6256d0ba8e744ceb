package io.cria.sft.train;

import io.cria.shard.EpochOrder;
import io.cria.shard.PackedRow;
import io.cria.shard.ShardSet;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The rows of a directory of shards, in an order that (seed, epoch) decide. Safe to read from many
 * threads.
 */
public final class ShardBatchSource implements BatchSource {
  private final ShardSet shards;
  private final long seed;
  private final boolean shuffled;
  private int orderEpoch = -1;
  private int[] order = new int[0];
  private long checksum = -1;
  private int longest;

  private ShardBatchSource(ShardSet shards, long seed, boolean shuffled) {
    this.shards = shards;
    this.seed = seed;
    this.shuffled = shuffled;
  }

  /** Rows to train on, in another order each epoch. */
  public static ShardBatchSource shuffled(ShardSet shards, long seed) {
    return new ShardBatchSource(shards, seed, true);
  }

  /** Rows in the order of the files, for evaluation. */
  public static ShardBatchSource inOrder(ShardSet shards) {
    return new ShardBatchSource(shards, 0, false);
  }

  @Override
  public int rows() {
    return shards.rows();
  }

  @Override
  public TrainingRow row(int epoch, int index) {
    PackedRow row = shards.row(shuffled ? order(epoch)[index] : index);
    return new TrainingRow(row.ids(), row.labels(), row.segmentLengths());
  }

  private synchronized int[] order(int epoch) {
    if (orderEpoch != epoch) {
      // One batch of all rows: the trainer itself cuts the order into global batches and ranks.
      order = EpochOrder.of(shards.rows(), shards.rows(), seed, epoch).batch(0);
      orderEpoch = epoch;
    }
    return order;
  }

  private synchronized long contentChecksum() {
    if (checksum < 0) {
      CRC32C crc = new CRC32C();
      for (int i = 0; i < shards.rows(); i++) {
        PackedRow row = shards.row(i);
        longest = Math.max(longest, row.ids().length);
        update(crc, row.ids());
        update(crc, row.labels());
        update(crc, row.segmentLengths());
      }
      checksum = crc.getValue();
    }
    return checksum;
  }

  private static void update(CRC32C crc, int[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Integer.BYTES);
    bytes.asIntBuffer().put(values);
    crc.update(bytes);
  }

  /** Found with the checksum, which reads all rows. */
  @Override
  public synchronized int longestRow() {
    contentChecksum();
    return longest;
  }

  @Override
  public String fingerprint() {
    return String.join(
        ":",
        "shards",
        shards.tokenizerHash(),
        shards.templateHash(),
        String.valueOf(shards.rows()),
        Long.toHexString(contentChecksum()),
        shuffled ? "seed " + seed : "in order");
  }
}
