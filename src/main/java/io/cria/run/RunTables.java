package io.cria.run;

import io.cria.storage.Commits;
import io.cria.storage.Json;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.Ids;
import io.cria.task.SeededRandom;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;

/**
 * The run's tables: what of them is committed, read, and published as directories or part by part.
 */
public final class RunTables {
  private RunTables() {}

  /**
   * What is committed of a round: the directory as a whole, or its parts in order.
   *
   * @param directory {@link TableDeclaration#round}
   */
  public static List<Manifest> committed(RunDirectory run, String directory) {
    Commits commits = new Commits(run);
    List<Manifest> parts = commits.parts(directory);
    return parts.isEmpty() ? commits.manifest(directory).map(List::of).orElse(List.of()) : parts;
  }

  /**
   * What stands for what is committed of a round among the inputs of a later stage.
   *
   * @throws CriaException when nothing is
   */
  public static Manifest.Input input(RunDirectory run, String directory) {
    List<Manifest> committed = committed(run, directory);
    if (committed.isEmpty()) {
      throw new Commits(run).notMade(directory);
    }
    StringBuilder digests = new StringBuilder();
    committed.forEach(part -> digests.append(part.digest()).append('\n'));
    return new Manifest.Input(directory, Ids.sha256(digests.toString()));
  }

  /** The failure of a stage that waits for a table. */
  public static CriaException notMade(RunDirectory run, String directory) {
    return new Commits(run).notMade(directory);
  }

  /** The unit of the first part of a directory. */
  public static String firstPart(String directory) {
    return Commits.part(directory, 0);
  }

  /** The rounds of a table of which something is committed, ascending. */
  public static List<Integer> rounds(RunDirectory run, TableDeclaration table) {
    return rounds(run, table.name());
  }

  /** The rounds of a stage in a table that has a directory for each. */
  public static List<Integer> rounds(RunDirectory run, TableDeclaration table, String stage) {
    return rounds(run, table.stage(stage));
  }

  /**
   * The stages that have asked in a directory: those of the line, and whatever else has planned
   * requests, by name. Of these the columns are not known.
   */
  public static List<StageDeclaration> asked(RunDirectory run) {
    List<StageDeclaration> stages = new ArrayList<>(Line.asking().toList());
    for (String name : stages(run, Line.REQUESTS)) {
      if (Line.stage(name).isEmpty()) {
        stages.add(StageDeclaration.beside(name, 0, new StructType()));
      }
    }
    return stages;
  }

  private static List<String> stages(RunDirectory run, TableDeclaration table) {
    String prefix = table.stage("").substring(table.name().length() + 1);
    return units(run, table.name())
        .filter(name -> name.startsWith(prefix))
        .map(name -> name.substring(prefix.length()))
        .distinct()
        .toList();
  }

  /** The tables by rounds that a directory has beside those of the line, by name. */
  public static List<TableDeclaration> beside(RunDirectory run) {
    return run.list(Commits.path("").replaceFirst("/\\.json$", "")).stream()
        .filter(name -> !name.endsWith(".json"))
        .filter(name -> Line.STAGES.stream().noneMatch(stage -> stage.table().name().equals(name)))
        .map(name -> new TableDeclaration(name, new StructType(), false))
        .filter(table -> !rounds(run, table).isEmpty())
        .toList();
  }

  /** What is published right below a directory of manifests, each without its ending. */
  private static Stream<String> units(RunDirectory run, String directory) {
    return run.list(Commits.path(directory).replaceFirst("\\.json$", "")).stream()
        .map(name -> name.replaceFirst("\\.json$", ""));
  }

  private static List<Integer> rounds(RunDirectory run, String directory) {
    return TableDeclaration.rounds(units(run, directory)).stream().distinct().toList();
  }

  /** The published unit, when it was made by this version of this stage from these inputs. */
  public static Optional<Manifest> upToDate(
      AskContext context, String unit, StageDeclaration stage, List<Manifest.Input> inputs) {
    return new Commits(context.run())
        .manifest(unit)
        .filter(m -> m.answers(stage.name(), stage.version(), context.identity(), inputs));
  }

  /**
   * What is committed of a table as one data set, with all its columns; those of its files where
   * none are declared.
   */
  public static Dataset<Row> read(
      SparkSession spark, RunDirectory run, TableDeclaration table, List<Manifest> committed) {
    String[] files =
        committed.stream()
            .flatMap(manifest -> manifest.files().stream())
            .map(file -> run.path(file.name()))
            .toArray(String[]::new);
    if (files.length == 0) {
      return spark.createDataFrame(List.of(), table.columns());
    }
    if (table.columns().isEmpty()) {
      return spark.read().option("basePath", run.path(table.name())).parquet(files);
    }
    Column[] columns =
        java.util.Arrays.stream(table.columns().fieldNames())
            .map(functions::col)
            .toArray(Column[]::new);
    return spark
        .read()
        .schema(table.columns())
        .option("basePath", run.path(table.name()))
        .parquet(files)
        .select(columns);
  }

  /** Rounds of a table that has no directories for stages. */
  public static Dataset<Row> read(
      AskContext context, TableDeclaration table, List<Integer> rounds) {
    List<Manifest> committed = new ArrayList<>();
    for (int round : rounds) {
      committed.addAll(committed(context.run(), table.round(round)));
    }
    return read(context.spark(), context.run(), table, committed);
  }

  /**
   * Publishes rows that the driver holds as one part of a directory.
   *
   * @param directory of the round
   * @param rows in their order; they know their columns by name
   */
  public static Manifest publishPart(
      AskContext context,
      TableDeclaration table,
      String directory,
      int part,
      List<? extends Row> rows,
      Manifest manifest) {
    RunDirectory run = context.run();
    String temporary = run.newTemporary();
    ParquetRows.write(run, temporary, table.fileColumns(), rows);
    String file = Commits.partFile(directory, part);
    Manifest whole =
        manifest.withFiles(
            List.of(
                new Manifest.File(file, rows.size(), run.size(temporary), run.sha256(temporary))));
    publish(context, Commits.part(directory, part), Map.of(temporary, file), whole);
    return whole;
  }

  /** Commits moved files as a unit, if this driver still holds the run. */
  public static void publish(
      AskContext context, String unit, Map<String, String> moves, Manifest manifest) {
    context.lock().requireHeld();
    new Commits(context.run()).publish(unit, moves, manifest);
  }

  /** Publishes a directory that is handed on as a whole, with a copy of its manifest inside. */
  public static void publishWhole(
      AskContext context, String directory, String temporary, Manifest manifest) {
    context.run().replace(temporary + "/" + Commits.COPY, Json.write(manifest.withEpoch(0)));
    publish(context, directory, Map.of(temporary, directory), manifest);
  }

  /** Publishes a data set as a whole directory. */
  public static Manifest publish(
      AskContext context,
      StageDeclaration stage,
      String directory,
      List<Manifest.Input> inputs,
      Dataset<Row> data,
      Map<String, Long> counts) {
    RunDirectory run = context.run();
    String temporary = run.newTemporary();
    data.write().parquet(run.path(temporary));
    List<Manifest.File> files = new ArrayList<>();
    for (Manifest.File file :
        tidy(run, temporary, context.spark().sparkContext().hadoopConfiguration())) {
      files.add(file.in(directory));
    }
    Manifest manifest = manifest(context, stage, inputs, counts).withFiles(files);
    publish(context, directory, Map.of(temporary, directory), manifest);
    return manifest;
  }

  /** A manifest of this invocation without files. */
  public static Manifest manifest(
      AskContext context,
      StageDeclaration stage,
      List<Manifest.Input> inputs,
      Map<String, Long> counts) {
    return manifest(context, stage.name(), stage.version(), inputs, counts);
  }

  /** The same for what is no table of the line. */
  public static Manifest manifest(
      AskContext context,
      String stage,
      int version,
      List<Manifest.Input> inputs,
      Map<String, Long> counts) {
    return new Manifest(
        Manifest.FORMAT,
        context.epoch(),
        stage,
        version,
        context.identity(),
        SeededRandom.VERSION,
        inputs,
        List.of(),
        counts,
        null);
  }

  /**
   * Gives the part files of a data set stable names and bytes, and drops what Spark's committer
   * leaves beside them.
   *
   * @return the files, named within the directory
   */
  public static List<Manifest.File> tidy(RunDirectory run, String temporary, Configuration hadoop) {
    return tidy(run, temporary, hadoop, new TreeMap<>());
  }

  /**
   * The same.
   *
   * @param metadata keys and values that the files' footers are to have
   */
  public static List<Manifest.File> tidy(
      RunDirectory run,
      String temporary,
      Configuration hadoop,
      SortedMap<String, String> metadata) {
    List<Manifest.File> files = new ArrayList<>();
    for (String name : run.list(temporary)) {
      String path = temporary + "/" + name;
      if (!name.endsWith(".parquet") || name.startsWith(".")) {
        run.delete(path);
        continue;
      }
      String stable = String.format(Locale.ROOT, "part-%05d.parquet", files.size());
      StableParquet.move(run, path, temporary + "/" + stable, metadata);
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
