package io.cria.verify;

import io.cria.run.DerivedTable;
import io.cria.run.Line;
import io.cria.storage.Json;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;

/**
 * What reports compute of a run and keep: whole, of this run, and of as many rows as it has kept
 * candidates. One of earlier tables is a note: the next report computes it again.
 */
final class DerivedTables {
  private static final String SEEDS = "inputs/seeds.jsonl";

  private final SparkSession spark;
  private final RunDirectory run;
  private final Units units;
  private final Verified.Builder out;

  DerivedTables(SparkSession spark, RunDirectory run, Units units, Verified.Builder out) {
    this.spark = spark;
    this.run = run;
    this.units = units;
    this.out = out;
  }

  /**
   * @param identity hash of the run's; empty where that is not known
   */
  void verify(Optional<String> identity) {
    int checked = 0;
    for (DerivedTable table : DerivedTable.ALL) {
      Optional<String> text = text(table);
      if (text.isPresent()) {
        Findings found = findings(table, text.get(), identity);
        // a report works beside the line: what it replaced meanwhile is looked at as it is now
        Optional<String> now = text(table);
        out.findings()
            .add(now.isEmpty() || now.equals(text) ? found : findings(table, now.get(), identity));
        checked++;
      }
    }
    if (checked > 0) {
      out.checked(
          "derived tables", checked, "what reports keep, against what it was computed from");
    }
  }

  private String path(DerivedTable table) {
    return table.manifest(run);
  }

  private Optional<String> text(DerivedTable table) {
    return run.text(path(table));
  }

  private Findings findings(DerivedTable table, String text, Optional<String> identity) {
    Findings found = new Findings();
    Manifest manifest;
    try {
      manifest = Json.read(text, Manifest.class);
    } catch (IllegalArgumentException e) {
      found.add(path(table), "is no manifest: it was damaged");
      return found;
    }
    found.add(FileSums.of(spark, run, manifest.files(), 0).findings());
    if (identity.filter(known -> !known.equals(manifest.identity())).isPresent()) {
      found.add(
          path(table), "is of another run (identity " + Manifests.head(manifest.identity()) + ")");
    } else if (isOfTheseTables(manifest)) {
      long rows = manifest.files().stream().mapToLong(Manifest.File::rows).sum();
      if (rows != kept()) {
        found.add(
            path(table), "has " + rows + " rows, and there are " + kept() + " kept candidates");
      }
    } else {
      out.note(
          table.name()
              + " was computed from earlier tables than lie here: cria report computes it again");
    }
    return found;
  }

  private boolean isOfTheseTables(Manifest manifest) {
    Set<String> named =
        manifest.inputs().stream().map(Manifest.Input::path).collect(Collectors.toSet());
    return candidates()
            .flatMap(part -> Units.partOf(part.getKey()).stream())
            .allMatch(part -> named.contains(part.directory()))
        && manifest.inputs().stream().allMatch(this::liesHere);
  }

  private boolean liesHere(Manifest.Input input) {
    String path = input.path();
    return path.equals(SEEDS)
        ? run.exists(SEEDS) && run.sha256(SEEDS).equals(input.sha256())
        : units.digests(path).contains(input.sha256());
  }

  private Stream<Map.Entry<String, Manifest>> candidates() {
    return units.of(Line.GENERATE.table().name());
  }

  private long kept() {
    return candidates().mapToLong(part -> part.getValue().counts().getOrDefault("kept", 0L)).sum();
  }
}
