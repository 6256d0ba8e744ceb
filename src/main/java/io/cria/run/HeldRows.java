package io.cria.run;

import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;

/**
 * Rows that are read several times and computed once: held by the executors until closed, computed
 * anew where one of them is lost.
 *
 * <p>Not {@code Dataset.persist()}: in Spark 4.2.0 the counter of its cache can be met half
 * deserialised by an executor's heartbeat, which then never beats again, and the executor counts as
 * lost after {@code spark.network.timeout} (SPARK-59451).
 *
 * @param rows what to read, with the schema and the order of the rows given
 */
public record HeldRows(Dataset<Row> rows, JavaRDD<Row> held) implements AutoCloseable {
  public static HeldRows of(Dataset<Row> rows) {
    JavaRDD<Row> held = rows.javaRDD().persist(StorageLevel.MEMORY_AND_DISK_SER());
    return new HeldRows(rows.sparkSession().createDataFrame(held, rows.schema()), held);
  }

  /** Lets go of them. */
  @Override
  public void close() {
    held.unpersist(false);
  }
}
