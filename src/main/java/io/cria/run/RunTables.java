package io.cria.run;

import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.SeededRandom;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/** The run's tables: read, and published part by part, each part with its manifest. */
public final class RunTables {
  /** Rows of one part file when the driver writes them. */
  private static final int ROWS_PER_FILE = 50_000;

  private RunTables() {}

  public static String round(String table, int round) {
    return table + "/round=" + round;
  }

  public static String requests(String stage, int round) {
    return round("requests/stage=" + stage, round);
  }

  /** The table that a paid stage's answers become. */
  public static String ofAnswers(String stage) {
    return switch (stage) {
      case "generate" -> "candidates";
      case "classify" -> "classified";
      default -> stage;
    };
  }

  /** Rounds of a table that are published, ascending. */
  public static List<Integer> rounds(RunDirectory run, String table) {
    return run.list(table).stream()
        .filter(name -> name.startsWith("round="))
        .map(name -> Integer.valueOf(name.substring("round=".length())))
        .sorted()
        .toList();
  }

  /** The published part, when it was made by this version of this stage from these inputs. */
  public static Optional<Manifest> upToDate(
      RunContext context,
      String directory,
      String stage,
      int version,
      List<Manifest.Input> inputs) {
    return context
        .run()
        .manifest(directory)
        .filter(manifest -> manifest.answers(stage, version, context.identity(), inputs));
  }

  /** Parts of a table as one data set, with the schema given; empty when there is no part. */
  public static Dataset<Row> read(RunContext context, StructType schema, List<String> directories) {
    if (directories.isEmpty()) {
      return context.spark().createDataFrame(List.of(), schema);
    }
    String[] paths = directories.stream().map(context.run()::path).toArray(String[]::new);
    return context.spark().read().schema(schema).parquet(paths);
  }

  /** Publishes rows that the driver holds, in their order. */
  public static Manifest publish(
      RunContext context,
      String directory,
      String stage,
      int version,
      List<Manifest.Input> inputs,
      StructType schema,
      List<Row> rows,
      Map<String, Long> counts) {
    int slices = Math.max(1, (rows.size() + ROWS_PER_FILE - 1) / ROWS_PER_FILE);
    Dataset<Row> data = context.spark().createDataFrame(rows, schema).coalesce(slices);
    context.job("write " + directory);
    return publish(context, directory, stage, version, inputs, data, counts);
  }

  /** Publishes a data set. */
  public static Manifest publish(
      RunContext context,
      String directory,
      String stage,
      int version,
      List<Manifest.Input> inputs,
      Dataset<Row> data,
      Map<String, Long> counts) {
    RunDirectory run = context.run();
    String temporary = run.newTemporary();
    data.write().parquet(run.path(temporary));
    List<Manifest.File> files =
        tidy(run, temporary, context.spark().sparkContext().hadoopConfiguration());
    Manifest manifest =
        new Manifest(
            Manifest.FORMAT,
            stage,
            version,
            context.identity(),
            SeededRandom.VERSION,
            inputs,
            files,
            counts);
    context.lock().requireHeld();
    run.publish(temporary, directory, manifest);
    return manifest;
  }

  /**
   * Gives the part files stable names and bytes, and drops what Spark's committer leaves beside
   * them.
   */
  public static List<Manifest.File> tidy(RunDirectory run, String temporary, Configuration hadoop) {
    List<Manifest.File> files = new ArrayList<>();
    for (String name : run.list(temporary)) {
      String path = temporary + "/" + name;
      if (!name.endsWith(".parquet") || name.startsWith(".")) {
        run.delete(path);
        continue;
      }
      String stable = String.format(java.util.Locale.ROOT, "part-%05d.parquet", files.size());
      StableParquet.move(run, path, temporary + "/" + stable);
      path = temporary + "/" + stable;
      files.add(
          new Manifest.File(stable, rows(run, path, hadoop), run.size(path), run.sha256(path)));
    }
    return files;
  }

  private static long rows(RunDirectory run, String path, Configuration hadoop) {
    try (ParquetFileReader reader =
        ParquetFileReader.open(HadoopInputFile.fromPath(new Path(run.path(path)), hadoop))) {
      return reader.getRecordCount();
    } catch (IOException e) {
      throw new CriaException(
          ExitCode.FAULT, run.path(path) + ": what was just written cannot be read back", e);
    }
  }
}
