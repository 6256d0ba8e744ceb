package io.cria.verify;

import io.cria.run.Schemas;
import io.cria.storage.Commits;
import io.cria.storage.Json;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.SparkSession;

/** A dataset or shards that were handed on: the directory alone, without the run. */
final class DatasetVerifier {
  private static final String DATASET = "dataset";
  private static final String PARQUET = "parquet";

  private final SparkSession spark;
  private final RunDirectory dataset;
  private final String what;
  private final String top;
  private final Verified.Builder out;

  /**
   * @param what it is: one of {@link Manifests#WHOLE}
   */
  DatasetVerifier(SparkSession spark, RunDirectory dataset, String what) {
    this.spark = spark;
    this.dataset = dataset;
    this.what = what;
    this.top = what + "/";
    this.out = new Verified.Builder(what);
  }

  /**
   * What lies there by its manifest; a dataset where that cannot be read.
   *
   * @throws CriaException (bad input) when it is nothing that is handed on
   */
  static String what(RunDirectory place) {
    String stage;
    try {
      stage = Json.read(place.text(Commits.COPY).orElse(""), Manifest.class).stage();
    } catch (IllegalArgumentException | NullPointerException e) {
      return DATASET; // its verification tells of the damage
    }
    if (!Manifests.WHOLE.contains(stage)) {
      throw CriaException.badInput(
          place.path(Commits.COPY)
              + ": is of "
              + stage
              + ", which is verified with its run: name the run's directory");
    }
    return stage;
  }

  Verified verify() {
    Findings findings = out.findings();
    Manifest manifest;
    try {
      manifest = Json.read(dataset.text(Commits.COPY).orElse(""), Manifest.class);
    } catch (IllegalArgumentException | NullPointerException e) {
      findings.add(Commits.COPY, "is no manifest: it was damaged");
      return out.done();
    }
    FileSums.Sums sums = FileSums.of(spark, dataset, manifest.files(), top.length());
    findings.add(sums.findings());
    out.checked("files", manifest.files().size(), "checksum, bytes and rows of the manifest");
    out.checked("bytes", sums.bytes(), "as read for that");
    Set<String> known = new HashSet<>(Set.of(Commits.COPY));
    manifest.files().forEach(file -> known.add(file.name().substring(top.length())));
    for (String file : Manifests.below(dataset, ".")) {
      String name = file.substring(2);
      if (!known.contains(name)) {
        findings.add(name, "was not written by Cria: the manifest does not name it");
      }
    }
    if (what.equals(DATASET)) {
      rows(manifest, sums);
    }
    out.note(
        (what.equals(DATASET) ? "a dataset" : what)
            + " alone has no lineage to follow: cria verify RUN does");
    return out.done();
  }

  private void rows(Manifest manifest, FileSums.Sums sums) {
    List<Manifest.File> files =
        manifest.files().stream().filter(f -> f.name().startsWith(top + PARQUET + "/")).toList();
    List<String> names =
        files.stream()
            .map(file -> file.name().substring(top.length()))
            .filter(name -> !sums.unreadable().contains(name))
            .toList();
    TableFiles table = TableFiles.of(spark, dataset, PARQUET, Schemas.EXAMPLES, names, true);
    RowCheck.rules(table, Contract.EXAMPLES, out.findings());
    RowCheck.unique(table, List.of("example_id"), out.findings());
    out.checked(
        "examples",
        files.stream().mapToLong(Manifest.File::rows).sum(),
        "ids, order, sources, nulls");
  }
}
