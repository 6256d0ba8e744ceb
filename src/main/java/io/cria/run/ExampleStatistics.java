package io.cria.run;

import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.regexp_count;
import static org.apache.spark.sql.functions.sum;

import io.cria.task.DatasetStatistics;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Counts what {@link DatasetStatistics} tells of examples, in one job. */
public final class ExampleStatistics {
  private static final String WORD = "\\S+";

  private ExampleStatistics() {}

  /**
   * @param examples with the columns of the table {@code examples}
   */
  public static DatasetStatistics of(Dataset<Row> examples) {
    Row row =
        examples
            .groupBy("instruction")
            .agg(
                max("is_classification").as("is_classification"),
                count(lit(1)).as("instances"),
                count_if(col("input").equalTo("")).as("empty"),
                sum(words("input")).as("input_words"),
                sum(words("output")).as("output_words"))
            .agg(
                count(lit(1)),
                count_if(col("is_classification")),
                zeroIfNone(sum("instances")).cast("long"),
                zeroIfNone(sum("empty")).cast("long"),
                zeroIfNone(avg(words("instruction"))).cast("double"),
                zeroIfNone(sum("input_words")).cast("long"),
                zeroIfNone(sum("output_words")).cast("long"))
            .first();
    long instances = row.getLong(2);
    long empty = row.getLong(3);
    return new DatasetStatistics(
        row.getLong(0),
        row.getLong(1),
        instances,
        empty,
        row.getDouble(4),
        mean(row.getLong(5), instances - empty),
        mean(row.getLong(6), instances));
  }

  private static Column words(String column) {
    return regexp_count(col(column), lit(WORD));
  }

  private static Column zeroIfNone(Column value) {
    return coalesce(value, lit(0));
  }

  private static double mean(long sum, long count) {
    return count == 0 ? 0 : (double) sum / count;
  }
}
