package io.cria.testing;

import io.cria.run.Line;
import io.cria.run.ParquetRows;
import io.cria.run.Rows;
import io.cria.storage.Commits;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.Ids;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** Examples of a run that was written by hand, round by round. */
public final class MadeExamples {
  private MadeExamples() {}

  /** What an example says. */
  public record Made(String instruction, String input, String output) {}

  /** Commits examples as a round's, in place of those it has; returns their ids. */
  public static List<String> commit(RunDirectory run, int round, List<Made> examples) {
    List<Row> rows = new ArrayList<>();
    List<String> ids = new ArrayList<>();
    for (Made made : examples) {
      String request = String.format(Locale.ROOT, "%04d%060d", round, rows.size());
      String instance = Ids.instance(Ids.candidate(request, 0), 0);
      ids.add(Ids.example(instance, "plain"));
      rows.add(
          Rows.row(
              Line.DATASET.table().columns(),
              ids.get(ids.size() - 1),
              instance,
              round,
              rows.size(),
              0,
              0,
              made.instruction(),
              made.input(),
              made.output(),
              false,
              "machine",
              "small",
              "self-instruct",
              made.instruction(),
              made.output(),
              new Row[] {
                RowFactory.create("user", made.instruction()),
                RowFactory.create("assistant", made.output())
              }));
    }
    String directory = Line.DATASET.table().round(round);
    String path = Commits.partFile(directory, 0);
    ParquetRows.write(run, path, Line.DATASET.table().fileColumns(), rows);
    Manifest.File file = new Manifest.File(path, rows.size(), run.size(path), run.sha256(path));
    new Commits(run)
        .publish(
            Commits.part(directory, 0),
            Map.of(),
            new Manifest(
                Manifest.FORMAT, 1, "test", 1, "", "", List.of(), List.of(file), Map.of(), null));
    return ids;
  }
}
