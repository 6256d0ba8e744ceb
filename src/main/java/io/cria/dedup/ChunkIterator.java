package io.cria.dedup;

import io.cria.select.Texts;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Cuts the records of a slice into chunks; ends with the first record that cannot be used. */
abstract class ChunkIterator implements Iterator<Chunk> {
  private final int slice;
  private long first;
  private boolean ended;
  private Texts.Builder texts = new Texts.Builder();
  private List<Comparable<?>> orders = new ArrayList<>();

  ChunkIterator(int slice) {
    this.slice = slice;
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

  /** As of {@link Chunk}. */
  Set<String> wide() {
    return Set.of();
  }

  final void add(String text, @Nullable Comparable<?> order) {
    texts.add(text);
    if (order != null) {
      orders.add(order);
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
    Chunk.Problem problem = null;
    try {
      while (!ended && !Chunk.isFull(texts)) {
        ended = !readOne();
      }
    } catch (BadRecord e) {
      ended = true;
      problem = new Chunk.Problem(e.line, String.valueOf(e.getMessage()));
    }
    Chunk chunk =
        new Chunk(slice, first, texts.build(), texts.bytes(), orders, Set.copyOf(wide()), problem);
    first += chunk.texts().size();
    texts = new Texts.Builder();
    orders = new ArrayList<>();
    return chunk;
  }
}
