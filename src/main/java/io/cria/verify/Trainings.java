package io.cria.verify;

import io.cria.run.Schemas;
import io.cria.storage.Commits;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.train.TrainingPlace;
import io.cria.train.TrainingRecord;
import io.cria.weights.BasePlace;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The trainings of a run: their checkpoints and results, and the shards and the base they hang on.
 */
final class Trainings {
  private static final String SHARDS = "shards";
  private static final String BASE = "base";

  private final SparkSession spark;
  private final Configuration hadoop;
  private final RunDirectory run;
  private final Units units;
  private final Verified.Builder out;

  Trainings(SparkSession spark, RunDirectory run, Units units, Verified.Builder out) {
    this.spark = spark;
    this.hadoop = spark.sparkContext().hadoopConfiguration();
    this.run = run;
    this.units = units;
    this.out = out;
  }

  void verify() {
    List<String> names = TrainingPlace.names(run);
    names.forEach(this::verify);
    if (!names.isEmpty()) {
      out.checked("trainings", names.size(), "checkpoints, results, shards, base");
      table();
    }
  }

  private void verify(String name) {
    TrainingPlace place = TrainingPlace.of(run.root(), name, hadoop);
    RunDirectory training = place.directory();
    String where = "training/" + name + "/";
    Findings own = new Findings();
    Units published = Units.of(training, own);
    own.add(FileSums.of(spark, training, files(published), 0).findings());
    tell(where, own);
    try {
      Optional<TrainingRecord> begun = TrainingRecord.of(training);
      begun.ifPresent(record -> lineage(where, record, published));
    } catch (IllegalArgumentException e) {
      out.findings().add(where + TrainingRecord.FILE, "is damaged");
    }
    published.manifest(TrainingRecord.RESULT).ifPresent(result -> cards(where, training, result));
  }

  /** A checkpoint that was set aside is known to be unreadable. */
  private static List<Manifest.File> files(Units published) {
    List<Manifest.File> files = new ArrayList<>();
    published
        .all()
        .forEach(
            (unit, manifest) -> {
              if (!unit.contains("/unreadable-")) {
                files.addAll(manifest.files());
              }
            });
    return files;
  }

  /** Findings of a directory below the run's, named from there. */
  private void tell(String where, Findings own) {
    Findings placed = new Findings();
    own.first().forEach(line -> placed.addLine(where + line));
    placed.addUntold(own.count() - own.first().size());
    out.findings().add(placed);
  }

  private static boolean isItself(TrainingRecord record, Units published) {
    return published
        .manifest(TrainingRecord.RESULT)
        .map(result -> result.identity().equals(record.hash()))
        .orElse(true);
  }

  private void lineage(String where, TrainingRecord record, Units published) {
    String file = where + TrainingRecord.FILE;
    if (!units.digests(SHARDS).contains(record.shards())) {
      if (isItself(record, published) && units.manifest(SHARDS).isPresent()) {
        out.note(where + " was trained on earlier shards than lie here");
      } else {
        out.findings()
            .add(
                file,
                "it was trained on shards that are not in this run (any more): write them again"
                    + " as they were, or leave the training out");
      }
    }
    published
        .manifest(TrainingRecord.RESULT)
        .ifPresent(
            result -> {
              if (!result.identity().equals(record.hash())) {
                out.findings()
                    .add(
                        where + Commits.path(TrainingRecord.RESULT),
                        "is of another training than " + TrainingRecord.FILE + " tells");
              }
              for (Manifest.Input input : result.inputs()) {
                String begun =
                    switch (input.path()) {
                      case SHARDS -> record.shards();
                      case BASE -> record.base();
                      default -> record.template();
                    };
                if (!begun.equals(input.sha256())) {
                  out.findings()
                      .add(
                          where + Commits.path(TrainingRecord.RESULT),
                          "was made from another "
                              + input.path()
                              + " than the training began with");
                }
              }
            });
  }

  /** The training tells where its base lies: where it is here, it is compared. */
  private void cards(String where, RunDirectory training, Manifest result) {
    for (Manifest.File file : result.files()) {
      if (file.name().endsWith("/" + ModelCard.FILE) && training.exists(file.name())) {
        String directory = file.name().substring(0, file.name().lastIndexOf('/'));
        ModelCard card = ModelCard.read(training, directory);
        Findings own = new Findings();
        card.verify(own, out::note, null);
        tell(where + directory + "/", own);
        String base = training.text(BasePlace.FILE).flatMap(BasePlace::source).orElse(card.base());
        base(where + directory + "/" + ModelCard.FILE, base, result);
      }
    }
  }

  private void base(String card, String base, Manifest result) {
    String begun =
        result.inputs().stream()
            .filter(input -> input.path().equals(BASE))
            .map(Manifest.Input::sha256)
            .findFirst()
            .orElse("");
    try {
      if (!base.isEmpty() && !TrainingRecord.print(base, hadoop).equals(begun)) {
        out.findings()
            .add(
                card,
                "what lies at "
                    + base.replaceFirst("^file:/+", "/")
                    + " is another base model than it was tuned from");
      }
    } catch (CriaException e) {
      out.note(card + ": its base is not here and was not compared: " + base);
    }
  }

  /** The table training has a row a step of a training that is there. */
  private void table() {
    List<String> tables =
        TrainingPlace.names(run).stream()
            .filter(name -> run.exists("metrics/name=" + name + "/part-00000.parquet"))
            .map(name -> "metrics/name=" + name + "/part-00000.parquet")
            .toList();
    if (tables.isEmpty()) {
      return;
    }
    try {
      TableFiles training = TableFiles.of(spark, run, "metrics", Schemas.TRAINING, tables, true);
      RowCheck.rules(training, List.of(), out.findings());
      RowCheck.unique(training, List.of("name", "step"), out.findings());
      Dataset<Row> rows = training.rows();
      out.checked("training", rows.count(), "names, steps, nulls");
    } catch (RuntimeException e) {
      // whatever Spark makes of damaged bytes
      out.findings().add("metrics", "the table training cannot be read: a file was damaged");
    }
  }
}
