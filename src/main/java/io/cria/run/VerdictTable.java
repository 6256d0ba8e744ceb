package io.cria.run;

import io.cria.storage.Json;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.SeededRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * The table {@code verdicts} of a run or an evaluation: {@code RUN/verdicts/kind=K/name=N/}, a
 * directory for each judgement, whose manifest is written last. It belongs to no stage of the line
 * and is not under the run's lock: each judgement has a lock of its own, which is held while it is
 * published. Both lie in {@code RUN/_beside}.
 *
 * <p>A judgement is replaced in one step, that of its manifest: files are named by what is in them,
 * so that the new ones lie beside those that the old manifest names, which are removed afterwards.
 */
public final class VerdictTable {
  /** Its directory in the run's. */
  public static final String DIRECTORY = "verdicts";

  /** Version of what the directories hold. */
  public static final int VERSION = 1;

  /** Between question and verdict in a manifest's counts. */
  public static final String BETWEEN = "/";

  private static final String KIND = "kind";
  private static final String NAME = "name";
  private static final Pattern NAMES = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

  /** What a verdict may be of. */
  public static final List<String> KINDS =
      List.of("review", "pair", "level", "judge", "moderation", "decontamination");

  private VerdictTable() {}

  /**
   * A judgement that is published.
   *
   * @param kind review, pair, level, judge, moderation or decontamination
   * @param name of the judgement
   * @param manifest what it was made from and holds; counts by {@code question/verdict}
   */
  public record Published(String kind, String name, Manifest manifest) {
    /** What stands for it among the inputs of what is made from it. */
    public Manifest.Input input() {
      return new Manifest.Input(directory(kind, name), manifest.digest());
    }
  }

  /**
   * A name as a judgement may have it.
   *
   * @param option of the command that gave it
   * @throws CriaException when it may not
   */
  public static String requireName(String option, String name) {
    if (!NAMES.matcher(name).matches()) {
      throw CriaException.badInput(
          option
              + " '"
              + name
              + "': not a name: take letters, digits, '.', '_' and '-', the first a letter or a"
              + " digit, at most 64");
    }
    return name;
  }

  /**
   * Where the manifest of a judgement stands, below the run's directory.
   *
   * @param directory of the judgement
   */
  public static String manifest(RunDirectory run, String directory) {
    return ReplacedDirectory.manifest(run, directory);
  }

  /** The directory of a judgement, below the run's. */
  public static String directory(String kind, String name) {
    if (!KINDS.contains(kind) || !NAMES.matcher(name).matches()) {
      throw new IllegalArgumentException("no judgement: " + kind + " " + name);
    }
    return DIRECTORY + "/" + KIND + "=" + kind + "/" + NAME + "=" + name;
  }

  /**
   * Publishes a judgement, in place of an earlier one of that name. Bytes follow from the rows.
   *
   * @param inputs what it was made from
   * @param rows in their order, written as they come; they know the columns of {@link
   *     Schemas#VERDICTS} by name, kind and name may be missing
   * @throws CriaException ({@link ExitCode#RUN_REFUSED}) while another process publishes it
   */
  public static Manifest publish(
      RunDirectory run,
      Configuration hadoop,
      String kind,
      String name,
      List<Manifest.Input> inputs,
      Iterator<? extends Row> rows) {
    try (ReplacedDirectory place = ReplacedDirectory.take(run, hadoop, directory(kind, name))) {
      Counted counted = new Counted(rows);
      ParquetRows.write(place.books(), place.written(), fileColumns(), counted);
      Manifest.File file = place.file(counted.total);
      return place.replace(file, manifest(run, kind, inputs, file, counted.counts));
    }
  }

  /**
   * The same of rows that executors make. One task writes them, so bytes follow from the rows here
   * too.
   *
   * @param rows with the columns of {@link Schemas#VERDICTS} but kind and name, and others
   * @param order columns that together tell any two rows apart
   */
  public static Manifest publish(
      RunDirectory run,
      Configuration hadoop,
      String kind,
      String name,
      List<Manifest.Input> inputs,
      Dataset<Row> rows,
      List<String> order) {
    try (ReplacedDirectory place = ReplacedDirectory.take(run, hadoop, directory(kind, name))) {
      long total = place.write(rows, order, List.of(fileColumns().fieldNames()), hadoop);
      Manifest.File file = place.file(total);
      Map<String, Long> counts = counts(rows.sparkSession(), place.books().path(place.written()));
      return place.replace(file, manifest(run, kind, inputs, file, counts));
    }
  }

  private static Map<String, Long> counts(SparkSession spark, String path) {
    Map<String, Long> counts = new TreeMap<>();
    for (Row row :
        spark
            .read()
            .schema(fileColumns())
            .parquet(path)
            .groupBy("question", "verdict")
            .count()
            .collectAsList()) {
      counts.put(row.getString(0) + BETWEEN + row.getString(1), row.getLong(2));
    }
    return counts;
  }

  /** It bears the identity of the run. */
  private static Manifest manifest(
      RunDirectory run,
      String kind,
      List<Manifest.Input> inputs,
      Manifest.File file,
      Map<String, Long> counts) {
    return new Manifest(
        Manifest.FORMAT,
        0,
        kind,
        VERSION,
        identity(run),
        SeededRandom.VERSION,
        inputs,
        List.of(file),
        counts,
        null);
  }

  /** What of run.json says which run it is. */
  private record Identified(@Nullable String identityHash) {}

  private static String identity(RunDirectory run) {
    String hash =
        run.text("run.json")
            .map(text -> Json.read(text, Identified.class).identityHash())
            .orElse("");
    return hash == null ? "" : hash;
  }

  /**
   * The judgements of a run, by kind and name.
   *
   * @throws CriaException ({@link ExitCode#RUN_REFUSED}) when one is not as its manifest says
   */
  public static List<Published> published(RunDirectory run) {
    List<Published> published = new ArrayList<>();
    for (String kind : named(run, DIRECTORY, KIND)) {
      published.addAll(published(run, kind));
    }
    return published;
  }

  /** Those of a kind. Others are not looked at, and may be damaged. */
  public static List<Published> published(RunDirectory run, String kind) {
    return named(run, DIRECTORY + "/" + KIND + "=" + kind, NAME).stream()
        .flatMap(name -> published(run, kind, name).stream())
        .toList();
  }

  private static Optional<Published> published(RunDirectory run, String kind, String name) {
    String path = DIRECTORY + "/" + KIND + "=" + kind + "/" + NAME + "=" + name;
    return ReplacedDirectory.manifestText(run, path)
        .map(text -> new Published(kind, name, whole(run, manifest(run, path), text)));
  }

  private static List<String> named(RunDirectory run, String directory, String key) {
    return run.list(directory).stream()
        .filter(entry -> entry.startsWith(key + "="))
        .map(entry -> entry.substring(key.length() + 1))
        .toList();
  }

  private static Manifest whole(RunDirectory run, String path, String text) {
    Manifest manifest;
    try {
      manifest = Json.read(text, Manifest.class);
    } catch (IllegalArgumentException e) {
      throw damaged(run, path, "is damaged");
    }
    for (Manifest.File file : manifest.files()) {
      if (!run.exists(file.name())) {
        throw damaged(run, file.name(), "is missing");
      }
      if (run.size(file.name()) != file.bytes()) {
        throw damaged(
            run, file.name(), "has " + run.size(file.name()) + " bytes, not " + file.bytes());
      }
    }
    return manifest;
  }

  private static CriaException damaged(RunDirectory run, String path, String what) {
    return new CriaException(
        ExitCode.RUN_REFUSED,
        run.path(path)
            + ": these verdicts are not as they were written (it "
            + what
            + "): remove the directory and judge again");
  }

  /** All verdicts of a run, with all columns; those that have none are an empty table. */
  public static Dataset<Row> read(SparkSession spark, RunDirectory run) {
    return read(spark, run, published(run));
  }

  /** Those of some judgements. */
  public static Dataset<Row> read(
      SparkSession spark, RunDirectory run, List<Published> judgements) {
    String[] files =
        judgements.stream()
            .flatMap(judgement -> judgement.manifest().files().stream())
            .map(file -> run.path(file.name()))
            .toArray(String[]::new);
    if (files.length == 0) {
      return spark.createDataFrame(List.of(), Schemas.VERDICTS);
    }
    return spark
        .read()
        .schema(Schemas.VERDICTS)
        .option("basePath", run.path(DIRECTORY))
        .parquet(files)
        .select(columns(List.of(Schemas.VERDICTS.fieldNames())));
  }

  /** What the directories' names say stands in no file. */
  private static StructType fileColumns() {
    return new StructType(
        Arrays.stream(Schemas.VERDICTS.fields())
            .filter(field -> !field.name().equals(KIND) && !field.name().equals(NAME))
            .toArray(StructField[]::new));
  }

  private static Column[] columns(List<String> names) {
    return names.stream().map(functions::col).toArray(Column[]::new);
  }

  /** Rows on their way into a file, counted. */
  private static final class Counted implements Iterator<Row> {
    private final Iterator<? extends Row> rows;
    private final Map<String, Long> counts = new TreeMap<>();
    private long total;

    Counted(Iterator<? extends Row> rows) {
      this.rows = rows;
    }

    @Override
    public boolean hasNext() {
      return rows.hasNext();
    }

    @Override
    public Row next() {
      Row row = rows.next();
      String question = row.getAs("question");
      String verdict = row.getAs("verdict");
      counts.merge(question + BETWEEN + verdict, 1L, Long::sum);
      total++;
      return row;
    }
  }
}
