package io.cria.select;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;

/** Band keys, ascending, each with the number of the text that has it. */
final class BandEntries implements Serializable {
  private static final long serialVersionUID = 1L;

  private long[] keys;
  private int[] texts;
  private int size;

  BandEntries(int capacity) {
    keys = new long[Math.max(1, capacity)];
    texts = new int[keys.length];
  }

  /** Adds at the end; {@link #sorted} puts it into its place. */
  void add(long key, int text) {
    if (size == keys.length) {
      keys = Arrays.copyOf(keys, size * 2);
      texts = Arrays.copyOf(texts, size * 2);
    }
    keys[size] = key;
    texts[size++] = text;
  }

  int size() {
    return size;
  }

  long key(int i) {
    return keys[i];
  }

  int text(int i) {
    return texts[i];
  }

  /** The entries of all of them in one, by key. */
  static BandEntries sorted(List<BandEntries> runs) {
    int count = runs.stream().mapToInt(BandEntries::size).sum();
    BandEntries all = new BandEntries(count);
    for (BandEntries run : runs) {
      for (int i = 0; i < run.size; i++) {
        all.add(run.keys[i], run.texts[i]);
      }
    }
    // by the upper half of the keys first, which are not negative, as numbers without objects
    long[] order = new long[count];
    Arrays.setAll(order, i -> all.keys[i] >>> 32 << 32 | i);
    Arrays.sort(order);
    BandEntries sorted = new BandEntries(count);
    for (long packed : order) {
      sorted.insert(all.keys[(int) packed], all.texts[(int) packed]);
    }
    return sorted;
  }

  /** Adds before those at the end whose key is larger: few, since upper halves come in order. */
  private void insert(long key, int text) {
    add(key, text);
    int at = size - 1;
    for (; at > 0 && keys[at - 1] > key; at--) {
      keys[at] = keys[at - 1];
      texts[at] = texts[at - 1];
    }
    keys[at] = key;
    texts[at] = text;
  }

  /** Of sorted entries: the first whose key is not below {@code key}. */
  int first(long key) {
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (keys[middle] < key) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
