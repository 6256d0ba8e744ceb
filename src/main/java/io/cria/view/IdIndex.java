package io.cria.view;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntFunction;

/** Finds rows by id. It holds a hash of each id (FNV-1a) in place of the id itself. */
final class IdIndex {
  private long[] hashes = new long[1024];
  private int rows;

  /** Row + 1 by hash, with open addressing; 0 where there is none. */
  private int[] slots = new int[0];

  /** Adds the id of the next row. */
  void add(String id) {
    if (rows == hashes.length) {
      hashes = Arrays.copyOf(hashes, rows * 2);
    }
    hashes[rows++] = hash(id);
  }

  /** All ids are added. */
  void complete() {
    slots = new int[Math.max(2, Integer.highestOneBit(Math.max(1, rows)) * 4)];
    for (int row = 0; row < rows; row++) {
      int slot = slot(hashes[row]);
      while (slots[slot] != 0) {
        slot = (slot + 1) % slots.length;
      }
      slots[slot] = row + 1;
    }
  }

  /**
   * The row with an id.
   *
   * @param ids the id of a row
   */
  Optional<Integer> find(String id, IntFunction<String> ids) {
    long hash = hash(id);
    for (int slot = slot(hash); slots[slot] != 0; slot = (slot + 1) % slots.length) {
      int row = slots[slot] - 1;
      if (hashes[row] == hash && ids.apply(row).equals(id)) {
        return Optional.of(row);
      }
    }
    return Optional.empty();
  }

  private int slot(long hash) {
    return (int) Math.floorMod(hash ^ (hash >>> 32), (long) slots.length);
  }

  private static long hash(String text) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
    }
    return hash;
  }
}
