package io.cria.dedup;

import io.cria.select.Texts;
import java.io.Serializable;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/** Takes rows of file, row number, text and order key into chunks. */
final class ParquetColumn implements FlatMapFunction<Iterator<Row>, ParquetColumn.FileChunk> {
  private static final long serialVersionUID = 1L;

  private final String column;
  private final @Nullable String orderBy;

  ParquetColumn(String column, @Nullable String orderBy) {
    this.column = column;
    this.orderBy = orderBy;
  }

  @Override
  public Iterator<FileChunk> call(Iterator<Row> rows) {
    List<FileChunk> chunks = new ArrayList<>();
    Run run = null;
    while (rows.hasNext()) {
      Row row = rows.next();
      if (run == null || !run.goesOn(row)) {
        if (run != null) {
          chunks.add(run.chunk(null));
        }
        run = new Run(row);
      }
      String problem = run.add(row, column, orderBy);
      if (problem != null) {
        chunks.add(run.chunk(new Chunk.Problem(row.getLong(1), problem)));
        return chunks.iterator();
      }
    }
    if (run != null) {
      chunks.add(run.chunk(null));
    }
    return chunks.iterator();
  }

  /** Chunks are known by their file. */
  record FileChunk(String file, Chunk chunk) implements Serializable {}

  /** Rows that follow one another in one file. */
  private static final class Run {
    private final String file;
    private final long first;
    private final Texts.Builder texts = new Texts.Builder();
    private final List<Comparable<?>> orders = new ArrayList<>();

    Run(Row row) {
      this.file = row.getString(0);
      this.first = row.getLong(1);
    }

    boolean goesOn(Row row) {
      return !Chunk.isFull(texts)
          && row.getLong(1) == first + texts.size()
          && row.getString(0).equals(file);
    }

    @Nullable String add(Row row, String column, @Nullable String orderBy) {
      if (row.isNullAt(2)) {
        return "column \"" + column + "\" is null: every record needs a text there";
      }
      if (orderBy != null) {
        Comparable<?> key = orderKey(row.get(3));
        if (key == null) {
          return "column \""
              + orderBy
              + "\" is "
              + row.get(3)
              + ": records cannot be ordered by it";
        }
        orders.add(key);
      }
      texts.add(row.getString(2));
      return null;
    }

    private static @Nullable Comparable<?> orderKey(@Nullable Object value) {
      if (value instanceof Double || value instanceof Float) {
        double number = ((Number) value).doubleValue();
        return Double.isFinite(number) ? new BigDecimal(value.toString()) : null;
      }
      if (value instanceof Long
          || value instanceof Integer
          || value instanceof Short
          || value instanceof Byte) {
        return new BigDecimal(value.toString());
      }
      // decimals, texts, dates and times
      return value instanceof Comparable<?> comparable ? comparable : null;
    }

    FileChunk chunk(Chunk.@Nullable Problem problem) {
      return new FileChunk(
          file, new Chunk(0, first, texts.build(), texts.bytes(), orders, Set.of(), problem));
    }
  }
}
