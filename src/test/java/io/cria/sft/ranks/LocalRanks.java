package io.cria.sft.ranks;

import io.cria.sft.natives.Device;
import io.cria.sft.train.ProcessGroup;

/** Ranks of this machine without anything around them, for measurements. */
public final class LocalRanks implements AutoCloseable {
  private static final String HERE = "127.0.0.1";
  private static final int SECONDS = 120;

  private final RankStore store;
  private final int size;

  private LocalRanks(RankStore store, int size) {
    this.store = store;
    this.size = size;
  }

  /** Rank 0's side, before the others start. */
  public static LocalRanks open(int size) {
    return new LocalRanks(RankStore.open(HERE), size);
  }

  public int port() {
    return store.port();
  }

  /** Rank 0's group. */
  public ProcessGroup join() {
    return TorchProcessGroup.join(store, 0, size, HERE, Device.CPU, SECONDS);
  }

  /** Another rank's group. */
  public static ProcessGroup join(int rank, int size, int port) {
    return TorchProcessGroup.join(
        RankStore.reach(HERE, port, SECONDS), rank, size, HERE, Device.CPU, SECONDS);
  }

  @Override
  public void close() {
    store.close();
  }
}
