package io.cria.verify;

import io.cria.run.Line;
import io.cria.run.TableDeclaration;
import io.cria.stage.AnswersGiven;
import io.cria.stage.JudgeQuestions;
import io.cria.storage.Commits;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;

/**
 * The tables of a run as far as they are settled. Of a part that is asked, the answers are
 * committed last: where a driver ended, or is, between the two, the part does not count yet.
 */
final class Tables {
  private final SparkSession spark;
  private final RunDirectory run;
  private final Units units;
  private final Set<String> unreadable;
  private final Set<String> unsettled = new HashSet<>();
  private final Map<String, TableFiles> tables = new LinkedHashMap<>();

  /**
   * @param unreadable files that rows cannot be read from
   */
  Tables(SparkSession spark, RunDirectory run, Units units, Set<String> unreadable) {
    this.spark = spark;
    this.run = run;
    this.units = units;
    this.unreadable = unreadable;
    for (TableDeclaration table : declarations(units)) {
      leaveUnsettled(table);
      tables.put(table.name(), read(table));
    }
  }

  private static List<TableDeclaration> declarations(Units units) {
    List<TableDeclaration> all = new ArrayList<>(List.of(Line.REQUESTS, Line.ANSWERS));
    Line.STAGES.forEach(stage -> all.add(stage.table()));
    all.add(Line.MODERATIONS.table());
    units.beside().stream()
        .filter(name -> !name.equals(Line.MODERATIONS.table().name()))
        .forEach(name -> all.add(beside(name)));
    return all;
  }

  /** Whatever is no answerer's is of a judge. */
  private static TableDeclaration beside(String name) {
    return name.equals(AnswersGiven.TABLE.name())
        ? AnswersGiven.TABLE
        : new TableDeclaration(name, JudgeQuestions.COLUMNS, false);
  }

  private void leaveUnsettled(TableDeclaration table) {
    if (table.byStage()) {
      return;
    }
    Map<Integer, Units.PartUnit> last = new TreeMap<>();
    units
        .of(table.name())
        .flatMap(unit -> Units.partOf(unit.getKey()).stream())
        .forEach(
            part ->
                last.merge(
                    roundOf(part.directory()),
                    part,
                    (one, other) -> one.number() > other.number() ? one : other));
    last.forEach(
        (round, part) -> {
          String unit = Commits.part(part.directory(), part.number());
          String stage = units.manifest(unit).orElseThrow().stage();
          String answers = Commits.part(Line.ANSWERS.round(stage, round), part.number());
          if (units.has(Line.REQUESTS.round(stage, round)) && !units.has(answers)) {
            unsettled.add(unit);
          }
        });
  }

  /** The number in a directory's name. */
  private static int roundOf(String directory) {
    return Integer.parseInt(directory.substring(directory.lastIndexOf('=') + 1));
  }

  private TableFiles read(TableDeclaration table) {
    List<String> files = new ArrayList<>();
    boolean[] whole = {true};
    units
        .of(table.name())
        .filter(unit -> !unsettled.contains(unit.getKey()))
        .flatMap(unit -> unit.getValue().files().stream())
        .map(Manifest.File::name)
        .forEach(
            name -> {
              if (unreadable.contains(name)) {
                whole[0] = false;
              } else {
                files.add(name);
              }
            });
    return TableFiles.of(spark, run, table, files, whole[0]);
  }

  /** Parts that do not count yet. */
  Set<String> unsettled() {
    return unsettled;
  }

  Optional<TableFiles> named(String table) {
    return Optional.ofNullable(tables.get(table));
  }

  TableFiles of(TableDeclaration table) {
    return named(table.name()).orElseThrow();
  }

  Map<String, TableFiles> all() {
    return tables;
  }
}
