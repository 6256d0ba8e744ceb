package io.cria.dedup;

import java.util.List;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/** One input, as the user named it: read once for its column, and again to write its records. */
interface Input {
  String name();

  /** {@code jsonl}, {@code json} or {@code parquet}. */
  String kind();

  /**
   * Reads the records' texts on executors, and works on each chunk there.
   *
   * @return what the work told of each chunk, in row order
   * @throws io.cria.task.CriaException (bad input) when a record cannot be used
   */
  <T extends Stretch.Told> List<T> read(Stretch.Work<T> work);

  /** Columns and their types; for JSON after {@link JsonInput#shareSchema}. */
  StructType schema();

  /** Writes the records as lines of JSON under {@code directory}; the parts in row order. */
  List<Part> write(String directory, Broadcast<Verdicts> verdicts, int input);

  /** Kept or dropped records as a table; dropped ones with reason, neighbour and score. */
  Dataset<Row> table(Broadcast<Verdicts> verdicts, int input, boolean kept);

  /**
   * Files of consecutive records.
   *
   * @param slice and
   * @param first as of {@link Chunk}
   * @param records in both files
   */
  record Part(int slice, long first, int records, String kept, String dropped)
      implements java.io.Serializable {
    static final java.util.Comparator<Part> ROW_ORDER =
        java.util.Comparator.comparingInt(Part::slice).thenComparingLong(Part::first);
  }
}
