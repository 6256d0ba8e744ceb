package io.cria.dedup;

import io.cria.select.Texts;
import java.util.ArrayList;
import java.util.List;

/**
 * Consecutive records of one slice of an input, as far as the decision needs them.
 *
 * @param columns the texts of each column that is read
 * @param bytes of all texts
 * @param orders one order key a record; empty without an order column
 * @param missing the places of records without a text, which stand there as empty ones
 */
record Chunk(
    Stretch stretch,
    List<Texts> columns,
    int bytes,
    List<Comparable<?>> orders,
    List<Integer> missing)
    implements Stretch.Told {
  /** Records of one chunk; a task holds one at a time. */
  private static final int SIZE = 16_384;

  /** Bytes of texts after which none is added. */
  private static final int BYTES = 8 << 20;

  /** Those of the first column. */
  Texts texts() {
    return columns.get(0);
  }

  /** Hands the texts to the driver as they are. */
  static final class Whole implements Stretch.Work<Chunk> {
    private static final long serialVersionUID = 1L;

    @Override
    public Chunk of(Chunk chunk) {
      return chunk;
    }
  }

  /** Texts and order keys on their way into a chunk. */
  static final class Builder {
    private final List<Texts.Builder> columns = new ArrayList<>();
    private final List<Comparable<?>> orders = new ArrayList<>();
    private final List<Integer> missing = new ArrayList<>();

    /**
     * @param columns how many are read
     */
    Builder(int columns) {
      for (int i = 0; i < columns; i++) {
        this.columns.add(new Texts.Builder());
      }
    }

    void add(int column, String text) {
      columns.get(column).add(text);
    }

    /** The next record has no text. */
    void missing() {
      missing.add(size());
    }

    void addOrder(Comparable<?> key) {
      orders.add(key);
    }

    int size() {
      return columns.get(0).size();
    }

    private int bytes() {
      return columns.stream().mapToInt(Texts.Builder::bytes).sum();
    }

    boolean isFull() {
      return size() >= SIZE || bytes() >= BYTES;
    }

    Chunk build(Stretch stretch) {
      return new Chunk(
          stretch, columns.stream().map(Texts.Builder::build).toList(), bytes(), orders, missing);
    }
  }
}
