package io.cria.verify;

import io.cria.run.Line;
import io.cria.stage.AnswersGiven;
import io.cria.storage.Commits;
import io.cria.storage.Json;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.Ids;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * What manifests say of themselves: whose they are, which files are theirs, and what they were made
 * from.
 */
final class Manifests {
  /** Handed on as a whole, with a copy of the manifest, and nothing else in it. */
  static final List<String> WHOLE = List.of("dataset", "shards");

  private static final String SEEDS = "inputs/seeds.jsonl";

  /** The copies of an evaluation's set. */
  private static final String SET = "inputs/set";

  /** Who judges a review; a file that its requests were made from. */
  private static final String JUDGE = "judge.json";

  /** Published beside a line as a whole: a review's sample, and what judges were shown. */
  private static final List<String> SHOWN = List.of("sample", "pairs", "levels");

  private final RunDirectory run;
  private final Units units;
  private final Findings findings;
  private final Set<String> outdated;
  private final Consumer<String> notes;

  /**
   * @param outdated what is to be made anew, of {@link Outdated}
   * @param notes takes what is as it was made, and older than what lies beside it
   */
  Manifests(
      RunDirectory run,
      Units units,
      Findings findings,
      Set<String> outdated,
      Consumer<String> notes) {
    this.run = run;
    this.units = units;
    this.findings = findings;
    this.outdated = outdated;
    this.notes = notes;
  }

  /**
   * @param identity hash of the run's
   */
  void own(String identity) {
    units
        .all()
        .forEach(
            (unit, manifest) -> {
              if (!manifest.identity().equals(identity)) {
                findings.add(
                    units.path(unit),
                    "is of another run (identity "
                        + head(manifest.identity())
                        + ", and this one is "
                        + head(identity)
                        + ")");
              }
              stage(unit)
                  .filter(stage -> !stage.equals(manifest.stage()))
                  .ifPresent(
                      stage ->
                          findings.add(
                              units.path(unit),
                              "is by stage "
                                  + manifest.stage()
                                  + ", and that table is made by "
                                  + stage));
              manifest.files().stream()
                  .filter(file -> !isOf(unit, file.name()))
                  .findFirst()
                  .ifPresent(
                      file ->
                          findings.add(
                              units.path(unit),
                              "stands for " + file.name() + ", which is not of that place"));
            });
  }

  /** Which stage makes a unit, where that is fixed. */
  private Optional<String> stage(String unit) {
    List<String> path = List.of(unit.split("/", -1));
    if (path.get(0).equals(Line.REQUESTS.name()) || path.get(0).equals(Line.ANSWERS.name())) {
      return path.stream().filter(p -> p.startsWith("stage=")).map(p -> p.substring(6)).findFirst();
    }
    if (units.beside().contains(path.get(0))) {
      // each answerer's are by a stage of its own
      return Optional.of(path.get(0)).filter(table -> !table.equals(AnswersGiven.TABLE.name()));
    }
    return Line.STAGES.stream()
        .filter(stage -> stage.table().name().equals(path.get(0)))
        .map(stage -> stage.name())
        .findFirst();
  }

  /** What stands for no table lies where it likes. */
  private static boolean isOf(String unit, String file) {
    if (!isUnit(unit) || SHOWN.contains(unit)) {
      return true;
    }
    return Units.partOf(unit).isPresent()
        ? file.equals(unit + ".parquet")
        : file.startsWith(unit + "/");
  }

  /**
   * What each unit was made from against what lies there. Judgements stand beside the line: what
   * they are about is told by their subjects, and may have been exported anew since.
   *
   * @param isBeside whether this is work beside a line, made from tables of another directory
   * @param isOpen whether it is, and was left before its end: what the last call made anew has not
   *     reached what hangs on it
   */
  void inputs(boolean isBeside, boolean isOpen) {
    units.all().entrySet().stream()
        .filter(unit -> !unit.getKey().startsWith(Units.VERDICTS + "/"))
        .forEach(
            unit ->
                unit.getValue()
                    .inputs()
                    .forEach(input -> input(unit.getKey(), input, isBeside, isOpen)));
  }

  private void input(String unit, Manifest.Input input, boolean isBeside, boolean isOpen) {
    String path = input.path();
    if (path.equals(SEEDS)) {
      String found = run.text(SEEDS).map(Ids::sha256).orElse("");
      if (!found.equals(input.sha256())) {
        findings.add(units.path(unit), "was made from other seed tasks than lie in " + SEEDS);
      }
      return;
    }
    if (path.equals(SET) || path.equals(JUDGE)) {
      file(unit, input);
      return;
    }
    List<String> digests = units.digests(path);
    if (!isUnit(path) || (isBeside && isElsewhere(path))) {
      return;
    }
    if (isOpen && !digests.contains(input.sha256())) {
      notes.accept(unit + " was made from an earlier " + path + ": go on with what was begun");
    } else if (digests.isEmpty()) {
      findings.add(units.path(unit), "was made from " + path + ", which is not here");
    } else if (!digests.contains(input.sha256()) && outdated.contains(unit)) {
      notes.accept(
          unit + " was made from an earlier " + path + " than lies here: go on with the run");
    } else if (!digests.contains(input.sha256()) && isReplaceable(path)) {
      // its own bytes and rows are held against its own manifest all the same
      notes.accept(unit + " was made from an earlier " + path + " than lies here: make it anew");
    } else if (!digests.contains(input.sha256())) {
      findings.add(units.path(unit), "was made from another " + path + " than lies here");
    }
  }

  /** What work beside a line was started from, and no unit stands for. */
  private void file(String unit, Manifest.Input input) {
    String path = input.path();
    Optional<String> found = path.equals(SET) ? set() : run.text(path).map(Ids::sha256);
    if (found.isEmpty()) {
      findings.add(units.path(unit), "was made from " + path + ", which is not here");
    } else if (!found.get().equals(input.sha256())) {
      findings.add(units.path(unit), "was made from another " + path + " than lies here");
    }
  }

  /** What stands for the content of a set's files, in the order of their names. */
  private Optional<String> set() {
    StringBuilder all = new StringBuilder();
    for (String name : run.list(SET)) {
      all.append(Ids.sha256(run.text(SET + "/" + name).orElse(""))).append('\n');
    }
    return all.isEmpty() ? Optional.empty() : Optional.of(Ids.sha256(all.toString()));
  }

  /** Of the line that something is beside. */
  private boolean isElsewhere(String path) {
    return isOfLine(path) && units.digests(path).isEmpty();
  }

  /**
   * An export and a judgement may be made anew at any time, whatever was made from the old ones.
   */
  private static boolean isReplaceable(String path) {
    return WHOLE.contains(path) || path.startsWith(Units.VERDICTS + "/");
  }

  private static boolean isUnit(String path) {
    String top = Units.top(path);
    return WHOLE.contains(top)
        || SHOWN.contains(path)
        || isOfTable(path)
        || top.equals(Units.VERDICTS);
  }

  /** Whether a unit is of a table of the line, or of one beside it. */
  static boolean isOfTable(String path) {
    return isOfLine(path) || Units.isOfRound(path);
  }

  private static boolean isOfLine(String path) {
    return tables().contains(Units.top(path));
  }

  /** Whether a later driver makes a unit anew where that is due: what is handed on waits. */
  static boolean isMadeAnew(String path) {
    return isOfTable(path) || SHOWN.contains(path);
  }

  private static List<String> tables() {
    return Stream.concat(
            Stream.of(Line.REQUESTS.name(), Line.ANSWERS.name()),
            Line.STAGES.stream().map(stage -> stage.table().name()))
        .toList();
  }

  /**
   * The copies that are handed on, and what lies in those directories and was not written there.
   */
  void copies() {
    for (String unit : WHOLE) {
      Optional<Manifest> manifest = units.manifest(unit);
      if (manifest.isEmpty()) {
        continue;
      }
      String copy = unit + "/" + Commits.COPY;
      Optional<String> text = run.text(copy);
      if (text.isEmpty()) {
        findings.add(copy, "is missing");
      } else if (!text.get().equals(Json.write(manifest.get().withEpoch(0)))) {
        findings.add(copy, "is not what " + Commits.path(unit) + " says");
      }
      Set<String> known = new HashSet<>(Set.of(copy));
      manifest.get().files().forEach(file -> known.add(file.name()));
      for (String file : below(run, unit)) {
        if (!known.contains(file)) {
          findings.add(file, "was not written by Cria: its directory's manifest does not name it");
        }
      }
    }
  }

  /** How many files lie among the tables that no manifest names, with one of them. */
  List<String> unnamed() {
    Set<String> known = new HashSet<>();
    units.files().forEach(file -> known.add(file.name()));
    List<String> unnamed = new ArrayList<>();
    for (String table : Stream.concat(tables().stream(), units.beside().stream()).toList()) {
      below(run, table).stream().filter(file -> !known.contains(file)).forEach(unnamed::add);
    }
    return unnamed;
  }

  /** The files below a directory, hidden ones left out. */
  static List<String> below(RunDirectory directory, String path) {
    List<String> files = new ArrayList<>();
    Set<String> here = new HashSet<>();
    directory.listSized(path).forEach(file -> here.add(file.name()));
    for (String name : directory.list(path)) {
      if (!here.contains(name)) {
        files.addAll(below(directory, path + "/" + name));
      } else if (!name.startsWith(".")) {
        files.add(path + "/" + name);
      }
    }
    return files;
  }

  static String head(String hash) {
    return hash.isEmpty() ? "none" : hash.substring(0, Math.min(8, hash.length())) + "…";
  }
}
