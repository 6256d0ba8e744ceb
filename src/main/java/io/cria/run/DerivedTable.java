package io.cria.run;

import io.cria.storage.Json;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.SeededRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * A table that is computed from a run's others and kept: {@code RUN/NAME/}. It belongs to no stage
 * of the line and stands among the inputs of none; removed, it is computed again. See {@link
 * ReplacedDirectory} for how it is published.
 *
 * @param name of the table and its directory
 * @param version of what its rows say
 * @param columns of its file
 * @param order columns that together tell any two rows apart, in which the rows stand
 */
public record DerivedTable(String name, int version, StructType columns, List<String> order) {
  /**
   * For each kept candidate the most alike seed task and the most alike other kept candidate, by
   * ROUGE-L F under the run's tokenizer; of equal ones the first. Null, and 0, where no token is
   * shared.
   */
  public static final DerivedTable NEIGHBOURS =
      new DerivedTable("neighbours", 1, Schemas.NEIGHBOURS, List.of("round", "row", "item"));

  /** For each kept candidate its root verb, that verb's object, and the language it is in. */
  public static final DerivedTable TRAITS =
      new DerivedTable("traits", 1, Schemas.TRAITS, List.of("round", "row", "item"));

  /** All of them. */
  public static final List<DerivedTable> ALL = List.of(NEIGHBOURS, TRAITS);

  public DerivedTable {
    order = List.copyOf(order);
  }

  /**
   * What is published; empty when nothing is.
   *
   * @throws CriaException ({@link ExitCode#RUN_REFUSED}) when it is not as its manifest says
   */
  public Optional<Manifest> published(RunDirectory run) {
    try {
      return read(run);
    } catch (CriaException e) {
      // replaced, perhaps, between the reading of its manifest and the look at its file
      return read(run);
    }
  }

  /** Where its manifest stands, below the run's directory. */
  public String manifest(RunDirectory run) {
    return ReplacedDirectory.manifest(run, name);
  }

  private Optional<Manifest> read(RunDirectory run) {
    return ReplacedDirectory.manifestText(run, name).map(text -> whole(run, text));
  }

  private Manifest whole(RunDirectory run, String text) {
    Manifest manifest;
    try {
      manifest = Json.read(text, Manifest.class);
    } catch (IllegalArgumentException e) {
      throw damaged(run, "its manifest is damaged");
    }
    for (Manifest.File file : manifest.files()) {
      if (!run.exists(file.name()) || run.size(file.name()) != file.bytes()) {
        throw damaged(run, file.name() + " is missing or of another size");
      }
    }
    return manifest;
  }

  private CriaException damaged(RunDirectory run, String what) {
    return new CriaException(
        ExitCode.RUN_REFUSED,
        run.path(name)
            + ": this table is not as it was written ("
            + what
            + "): cria report "
            + run.root()
            + " computes it again");
  }

  /** Whether what is published is whole and was computed from these inputs. */
  public boolean isUpToDate(RunDirectory run, List<Manifest.Input> inputs) {
    return readable(run, unused -> {})
        .filter(manifest -> manifest.answers(name, version, manifest.identity(), inputs))
        .isPresent();
  }

  /**
   * Computes and publishes it, unless it stands there from these inputs already.
   *
   * @param identity hash of the run's
   * @param inputs what it is computed from
   * @param rows gives the rows, with the columns of this table
   * @return whether there was anything to do
   */
  public boolean bring(
      SparkSession spark,
      RunDirectory run,
      String identity,
      List<Manifest.Input> inputs,
      Supplier<Dataset<Row>> rows) {
    if (isUpToDate(run, inputs)) {
      return false;
    }
    var hadoop = spark.sparkContext().hadoopConfiguration();
    try (ReplacedDirectory place = ReplacedDirectory.take(run, hadoop, name)) {
      long total = place.write(rows.get(), order, List.of(columns.fieldNames()), hadoop);
      Manifest.File file = place.file(total);
      Manifest unused =
          place.replace(
              file,
              new Manifest(
                  Manifest.FORMAT,
                  0,
                  name,
                  version,
                  identity,
                  SeededRandom.VERSION,
                  inputs,
                  List.of(file),
                  Map.of(),
                  null));
    }
    return true;
  }

  private Optional<Manifest> readable(RunDirectory run, Consumer<CriaException> fault) {
    try {
      return published(run);
    } catch (CriaException broken) {
      fault.accept(broken);
      return Optional.empty();
    }
  }

  /**
   * What is published, with all columns; an empty table when nothing is, or it is not whole.
   *
   * @param warnings is told of a table that is not whole
   */
  public Dataset<Row> read(SparkSession spark, RunDirectory run, Consumer<String> warnings) {
    List<String> files =
        readable(run, broken -> warnings.accept(warning(broken))).stream()
            .flatMap(manifest -> manifest.files().stream())
            .map(file -> run.path(file.name()))
            .toList();
    return files.isEmpty()
        ? empty(spark)
        : spark.read().schema(columns).parquet(files.toArray(String[]::new));
  }

  private String warning(CriaException broken) {
    return "warning: " + name + " is shown empty, " + broken.getMessage();
  }

  /** A table of these columns without rows. */
  public Dataset<Row> empty(SparkSession spark) {
    return spark.createDataFrame(List.of(), columns);
  }
}
