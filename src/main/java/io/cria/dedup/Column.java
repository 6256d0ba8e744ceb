package io.cria.dedup;

import io.cria.select.Texts;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.RandomAccess;

/** The texts of one input in row order, and their order keys, if any. */
final class Column extends AbstractList<String> implements RandomAccess {
  private final List<Texts> chunks;
  private final int[] starts;
  private final int size;
  private final long bytes;
  private final List<Comparable<?>> orders;
  private final BitSet missing = new BitSet();

  /**
   * @param chunks in row order
   */
  Column(List<Chunk> chunks) {
    this.chunks = chunks.stream().map(Chunk::texts).toList();
    this.starts = new int[chunks.size()];
    this.orders = new ArrayList<>();
    int count = 0;
    long sum = 0;
    for (int i = 0; i < starts.length; i++) {
      starts[i] = count;
      for (int at : chunks.get(i).missing()) {
        missing.set(count + at);
      }
      count = Math.addExact(count, chunks.get(i).texts().size());
      sum += chunks.get(i).bytes();
      orders.addAll(chunks.get(i).orders());
    }
    this.size = count;
    this.bytes = sum;
  }

  @Override
  public String get(int i) {
    int at = Arrays.binarySearch(starts, i);
    if (at < 0) {
      at = -at - 2;
    }
    while (chunks.get(at).isEmpty()) { // it starts where the next one does
      at++;
    }
    return chunks.get(at).get(i - starts[at]);
  }

  @Override
  public int size() {
    return size;
  }

  /** Bytes of all texts in UTF-8. */
  long bytes() {
    return bytes;
  }

  /** Whether a record has no text, and an empty one in its place. */
  boolean isMissing(int i) {
    return missing.get(i);
  }

  /** How many records have none. */
  int missing() {
    return missing.cardinality();
  }

  /** One key a record, or none at all. */
  List<Comparable<?>> orders() {
    return orders;
  }
}
