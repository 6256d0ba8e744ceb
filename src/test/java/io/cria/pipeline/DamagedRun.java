package io.cria.pipeline;

import io.cria.run.ParquetRows;
import io.cria.run.Rows;
import io.cria.run.TableDeclaration;
import io.cria.storage.Commits;
import io.cria.storage.Json;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.testing.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;

/** Ways to damage a run, with or without a manifest that is made to fit. */
final class DamagedRun {
  private DamagedRun() {}

  /** Turns a bit in the middle of a file. */
  static void flip(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
  }

  /** Writes a table's file anew with other rows. */
  static void rewrite(
      Path directory, TableDeclaration table, String file, UnaryOperator<List<Row>> change) {
    RunDirectory run = RunDirectory.at(directory.toString(), new Configuration());
    List<Row> rows =
        new ArrayList<>(
            LocalSpark.session()
                .read()
                .schema(table.fileColumns())
                .parquet(run.path(file))
                .collectAsList());
    ParquetRows.write(run, file, table.fileColumns(), change.apply(rows));
  }

  /** Rewrites the manifest too, as one does who wants not to be found. */
  static void forge(Path directory, String unit, UnaryOperator<Manifest> change) {
    RunDirectory run = RunDirectory.at(directory.toString(), new Configuration());
    Manifest manifest = Json.read(run.text(Commits.path(unit)).orElseThrow(), Manifest.class);
    List<Manifest.File> files =
        manifest.files().stream()
            .map(
                file ->
                    new Manifest.File(
                        file.name(),
                        rows(run, file),
                        run.size(file.name()),
                        run.sha256(file.name())))
            .toList();
    run.replace(Commits.path(unit), Json.write(change.apply(manifest.withFiles(files))));
  }

  private static long rows(RunDirectory run, Manifest.File file) {
    return file.name().endsWith(".parquet")
        ? LocalSpark.session().read().parquet(run.path(file.name())).count()
        : file.rows();
  }

  /** A row with another value in a column. */
  static Row with(Row row, String column, Object value) {
    Object[] values = new Object[row.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = row.schema().fieldNames()[i].equals(column) ? value : row.get(i);
    }
    return Rows.row(row.schema(), values);
  }
}
