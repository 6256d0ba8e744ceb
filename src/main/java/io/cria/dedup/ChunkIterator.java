package io.cria.dedup;

import java.math.BigDecimal;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Cuts the records of a slice into chunks; ends with the first record that cannot be used. */
abstract class ChunkIterator implements Iterator<Chunk> {
  private final int slice;
  private final int columns;
  private long first;
  private boolean ended;
  private Chunk.Builder records;

  /**
   * @param columns how many are read
   */
  ChunkIterator(int slice, int columns) {
    this.slice = slice;
    this.columns = columns;
    this.records = new Chunk.Builder(columns);
  }

  /** A record that cannot be used, with its line. */
  static final class BadRecord extends Exception {
    private static final long serialVersionUID = 1L;
    private final long line;

    BadRecord(long line, String message) {
      super(message);
      this.line = line;
    }
  }

  /** Reads one record and {@link #add}s it; false when there is none. */
  abstract boolean readOne() throws BadRecord;

  /** As of {@link Stretch}. */
  Set<String> wide() {
    return Set.of();
  }

  /** As of {@link Stretch}; asked once a stretch. */
  List<Kinds.First> kinds() {
    return List.of();
  }

  /** A record without a text, which nothing is decided of. */
  final void addMissing(boolean isOrdered) {
    records.missing();
    add(Collections.nCopies(columns, ""), isOrdered ? BigDecimal.ZERO : null);
  }

  /**
   * @param texts one a column
   */
  final void add(List<String> texts, @Nullable Comparable<?> order) {
    for (int i = 0; i < columns; i++) {
      records.add(i, texts.get(i));
    }
    if (order != null) {
      records.addOrder(order);
    }
  }

  @Override
  public final boolean hasNext() {
    return !ended;
  }

  @Override
  public final Chunk next() {
    if (ended) {
      throw new NoSuchElementException();
    }
    Stretch.Problem problem = null;
    try {
      while (!ended && !records.isFull()) {
        ended = !readOne();
      }
    } catch (BadRecord e) {
      ended = true;
      problem = new Stretch.Problem(e.line, String.valueOf(e.getMessage()));
    }
    Chunk chunk =
        records.build(
            new Stretch(slice, first, records.size(), Set.copyOf(wide()), kinds(), problem));
    first += records.size();
    records = new Chunk.Builder(columns);
    return chunk;
  }
}
