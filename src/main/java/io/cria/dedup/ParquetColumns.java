package io.cria.dedup;

import java.io.Serializable;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/** Takes rows of file, row number, texts and order key into chunks, and works on each. */
final class ParquetColumns<T extends Stretch.Told>
    implements FlatMapFunction<Iterator<Row>, ParquetColumns.OfFile<T>> {
  private static final long serialVersionUID = 1L;

  /** Columns before those of the texts. */
  private static final int PLACE = 2;

  private final ArrayList<String> columns;
  private final @Nullable String orderBy;
  private final boolean skipsMissing;
  private final Stretch.Work<T> work;

  /**
   * @param skipsMissing whether a text may be null
   */
  ParquetColumns(
      List<String> columns, @Nullable String orderBy, boolean skipsMissing, Stretch.Work<T> work) {
    this.skipsMissing = skipsMissing;
    this.columns = new ArrayList<>(columns);
    this.orderBy = orderBy;
    this.work = work;
  }

  @Override
  public Iterator<OfFile<T>> call(Iterator<Row> rows) {
    List<OfFile<T>> told = new ArrayList<>();
    Run run = null;
    while (rows.hasNext()) {
      Row row = rows.next();
      if (run == null || !run.goesOn(row)) {
        if (run != null) {
          told.add(told(run, null));
        }
        run = new Run(row);
      }
      String problem = run.add(row);
      if (problem != null) {
        told.add(told(run, new Stretch.Problem(row.getLong(1), problem)));
        return told.iterator();
      }
    }
    if (run != null) {
      told.add(told(run, null));
    }
    return told.iterator();
  }

  private OfFile<T> told(Run run, Stretch.@Nullable Problem problem) {
    return new OfFile<>(run.file, work.of(run.chunk(problem)));
  }

  /** Stretches are known by their file. */
  record OfFile<T extends Stretch.Told>(String file, T told) implements Serializable {
    Stretch stretch() {
      return told.stretch();
    }
  }

  /** Rows that follow one another in one file. */
  private final class Run {
    private final String file;
    private final long first;
    private final Chunk.Builder records = new Chunk.Builder(columns.size());

    Run(Row row) {
      this.file = row.getString(0);
      this.first = row.getLong(1);
    }

    boolean goesOn(Row row) {
      return !records.isFull()
          && row.getLong(1) == first + records.size()
          && row.getString(0).equals(file);
    }

    /** What is wrong with the row, which is not added then. */
    @Nullable String add(Row row) {
      for (int i = 0; i < columns.size(); i++) {
        if (row.isNullAt(PLACE + i)) {
          if (skipsMissing) {
            addMissing();
            return null;
          }
          return "column \"" + columns.get(i) + "\" is null: every record needs a text there";
        }
      }
      if (orderBy != null) {
        Object value = row.get(PLACE + columns.size());
        Comparable<?> key = orderKey(value);
        if (key == null) {
          return "column \"" + orderBy + "\" is " + value + ": records cannot be ordered by it";
        }
        records.addOrder(key);
      }
      for (int i = 0; i < columns.size(); i++) {
        records.add(i, row.getString(PLACE + i));
      }
      return null;
    }

    /** A record that nothing is decided of. */
    private void addMissing() {
      records.missing();
      if (orderBy != null) {
        records.addOrder(BigDecimal.ZERO);
      }
      for (int i = 0; i < columns.size(); i++) {
        records.add(i, "");
      }
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

    Chunk chunk(Stretch.@Nullable Problem problem) {
      // the driver knows the slice by the file
      return records.build(new Stretch(0, first, records.size(), Set.of(), List.of(), problem));
    }
  }
}
