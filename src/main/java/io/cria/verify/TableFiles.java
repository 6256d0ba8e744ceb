package io.cria.verify;

import static org.apache.spark.sql.functions.col;

import io.cria.run.TableDeclaration;
import io.cria.storage.RunDirectory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;

/**
 * A table's rows, each with the file and the row of it that it stands in.
 *
 * @param name of the table, for people
 * @param rows its columns, and beside them {@link #FILE} and {@link #AT}
 * @param columns of the table
 * @param isWhole whether every file of it can be read: else rows of others may seem to hang in the
 *     air
 * @param isSmall whether its rows are held here, so that nothing of it takes a job
 */
record TableFiles(
    String name, Dataset<Row> rows, StructType columns, boolean isWhole, boolean isSmall) {
  /** Up to how many rows a table is read once and held; of more, Spark goes through the files. */
  static final String HELD_ROWS = "spark.cria.verify.heldRows";

  private static final int HELD_BY_DEFAULT = 10_000;

  /** Above which bytes in files no table is held, whatever its rows are. */
  static final long HELD_BYTES = 8L << 20;

  /** The file, below the directory that is verified. */
  static final String FILE = "_file";

  /** The row of that file, from 1. */
  static final String AT = "_at";

  /**
   * @param base the table's directory, below which partitions' directories lie
   * @param files below the directory
   */
  static TableFiles of(
      SparkSession spark,
      RunDirectory directory,
      String base,
      StructType columns,
      List<String> files,
      boolean isWhole) {
    Column[] named = Arrays.stream(columns.fieldNames()).map(functions::col).toArray(Column[]::new);
    if (files.isEmpty()) {
      Dataset<Row> none =
          spark
              .createDataFrame(List.<Row>of(), columns)
              .withColumn(FILE, functions.lit(""))
              .withColumn(AT, functions.lit(0L));
      return new TableFiles(base, none, columns, isWhole, true);
    }
    List<Column> all = new ArrayList<>(List.of(named));
    all.add(
        functions
            .concat(
                functions.lit(base + "/"),
                functions.regexp_extract(col("_metadata.file_path"), ".*/" + base + "/(.*)$", 1))
            .as(FILE));
    all.add(col("_metadata.row_index").plus(1).as(AT));
    Dataset<Row> rows =
        spark
            .read()
            .schema(columns)
            .option("basePath", directory.path(base))
            .parquet(files.stream().map(directory::path).toArray(String[]::new))
            .select(all.toArray(Column[]::new));
    TableFiles table = new TableFiles(base, rows, columns, isWhole, false);
    return files.stream().mapToLong(directory::size).sum() > HELD_BYTES ? table : table.held(spark);
  }

  /** The same, its rows held where they are few: manifests may say otherwise, and are not asked. */
  private TableFiles held(SparkSession spark) {
    int most = Integer.parseInt(spark.conf().get(HELD_ROWS, String.valueOf(HELD_BY_DEFAULT)));
    List<Row> first = most == 0 ? List.of() : rows.takeAsList(most + 1);
    return most == 0 || first.size() > most
        ? this
        : new TableFiles(name, spark.createDataFrame(first, rows.schema()), columns, isWhole, true);
  }

  static TableFiles of(
      SparkSession spark,
      RunDirectory run,
      TableDeclaration table,
      List<String> files,
      boolean isWhole) {
    return of(spark, run, table.name(), table.columns(), files, isWhole);
  }

  /** The same rows, some of them. */
  TableFiles where(String condition) {
    return with(rows.filter(condition));
  }

  /** The same with what was made of its rows. */
  TableFiles with(Dataset<Row> other) {
    return new TableFiles(name, other, columns, isWhole, isSmall);
  }

  /** Some columns, for others to be found among. */
  RowCheck.Among among(List<String> names) {
    return new RowCheck.Among(
        List.of(rows.select(names.stream().map(functions::col).toArray(Column[]::new))), isSmall);
  }
}
