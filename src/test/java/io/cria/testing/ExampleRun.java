package io.cria.testing;

import io.cria.run.Line;
import io.cria.run.ParquetRows;
import io.cria.run.Rows;
import io.cria.run.TableDeclaration;
import io.cria.storage.Commits;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;

/**
 * A run of examples alone: {@code example-0} and so on, each with the instruction {@code "Do task
 * number N."}, every third one a classification task, of very different lengths. There is a seed
 * task among them too.
 */
public final class ExampleRun {
  private ExampleRun() {}

  /**
   * Writes it into a directory.
   *
   * @param examples how many
   * @param rounds that they are spread over
   */
  public static RunDirectory write(SparkSession spark, Path directory, int examples, int rounds) {
    RunDirectory run = HandMadeRun.started(spark, directory);
    for (int round = 0; round < rounds; round++) {
      List<Row> rows = new ArrayList<>();
      for (int i = round * examples / rounds; i < (round + 1) * examples / rounds; i++) {
        rows.add(example(i, rows.size(), "example-" + i, "machine"));
      }
      if (round == 0) {
        rows.add(example(-1, rows.size(), "seed_0/0:plain", "seed"));
      }
      publish(run, round, rows);
    }
    return run;
  }

  private static void publish(RunDirectory run, int round, List<Row> rows) {
    TableDeclaration table = Line.DATASET.table();
    String path = Commits.partFile(table.round(round), 0);
    ParquetRows.write(run, path, table.fileColumns(), rows);
    Manifest.File file = new Manifest.File(path, rows.size(), run.size(path), run.sha256(path));
    new Commits(run)
        .publish(
            Commits.part(table.round(round), 0),
            Map.of(),
            new Manifest(
                Manifest.FORMAT, 1, "test", 1, "", "", List.of(), List.of(file), Map.of(), null));
  }

  private static Row example(int number, int row, String id, String source) {
    String instruction = "Do task number " + number + ".";
    String output = "Done" + " and done".repeat(Math.floorMod(number * 7, 30)) + ".";
    return Rows.row(
        Line.DATASET.table().columns(),
        id,
        id,
        0,
        row,
        0,
        0,
        instruction,
        number % 2 == 0 ? "" : "Input of " + number,
        output,
        number % 3 == 0,
        source,
        "small",
        "self-instruct",
        instruction,
        output,
        new Row[] {RowFactory.create("user", instruction), RowFactory.create("assistant", output)});
  }
}
