package io.cria.verify;

import io.cria.run.Line;
import io.cria.run.VerdictTable;
import io.cria.stage.AnswersGiven;
import io.cria.storage.Commits;
import io.cria.storage.Json;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.Ids;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The published units of a directory and their manifests, read as they lie there. */
final class Units {
  /** Judgements, whose manifests stand apart. */
  static final String VERDICTS = VerdictTable.DIRECTORY;

  private static final String MANIFESTS = "_manifests";
  private static final String JSON = ".json";
  private static final Pattern ROUND = Pattern.compile("[^/]+/round=\\d+(/.*)?");
  private static final Pattern PART = Pattern.compile("(.*)/part-(\\d{5})");

  private final RunDirectory run;
  private final Map<String, Manifest> manifests = new TreeMap<>();

  private Units(RunDirectory run) {
    this.run = run;
  }

  /** Reads all; one that is no manifest is a finding, and no unit. */
  static Units of(RunDirectory run, Findings findings) {
    Units units = new Units(run);
    for (String unit : units.names(MANIFESTS)) {
      units.read(unit, findings);
    }
    for (String kind : run.list(VERDICTS)) {
      for (String name : run.list(VERDICTS + "/" + kind)) {
        String unit = VERDICTS + "/" + kind + "/" + name;
        if (run.exists(units.path(unit))) {
          units.read(unit, findings);
        }
      }
    }
    units.gaps(findings);
    return units;
  }

  private void read(String unit, Findings findings) {
    try {
      Manifest manifest = Json.read(run.text(path(unit)).orElse(""), Manifest.class);
      if (manifest.format() == Manifest.FORMAT) {
        manifests.put(unit, manifest);
      } else {
        findings.add(path(unit), "is a manifest of format " + manifest.format());
      }
    } catch (IllegalArgumentException | NullPointerException e) {
      findings.add(path(unit), "is no manifest: it was damaged");
    }
  }

  /** Where a unit's manifest stands. */
  String path(String unit) {
    return unit.startsWith(VERDICTS + "/") ? VerdictTable.manifest(run, unit) : Commits.path(unit);
  }

  private List<String> names(String directory) {
    List<String> names = new ArrayList<>();
    for (String name : run.list(directory)) {
      String path = directory + "/" + name;
      if (name.endsWith(JSON)) {
        names.add(path.substring(MANIFESTS.length() + 1, path.length() - JSON.length()));
      } else {
        names.addAll(names(path));
      }
    }
    return names;
  }

  /** Parts are committed in ascending order, so what lies behind a missing one was cut off. */
  private void gaps(Findings findings) {
    Map<String, Integer> next = new TreeMap<>();
    for (String unit : manifests.keySet()) {
      partOf(unit)
          .ifPresent(
              part -> {
                int wanted = next.getOrDefault(part.directory(), 0);
                if (part.number() > wanted) {
                  findings.add(
                      Commits.path(Commits.part(part.directory(), wanted)),
                      "is missing, and later parts are there");
                }
                next.put(part.directory(), part.number() + 1);
              });
    }
  }

  /** A unit that is a part of a directory. */
  record PartUnit(String directory, int number) {}

  static Optional<PartUnit> partOf(String unit) {
    var matcher = PART.matcher(unit);
    return matcher.matches()
        ? Optional.of(new PartUnit(matcher.group(1), Integer.parseInt(matcher.group(2))))
        : Optional.empty();
  }

  boolean has(String unit) {
    return manifests.containsKey(unit);
  }

  Optional<Manifest> manifest(String unit) {
    return Optional.ofNullable(manifests.get(unit));
  }

  private Optional<Manifest> part(String directory, int number) {
    return manifest(Commits.part(directory, number));
  }

  Map<String, Manifest> all() {
    return manifests;
  }

  /** The units of a table or another directory at the top, by name. */
  Stream<Map.Entry<String, Manifest>> of(String directory) {
    return manifests.entrySet().stream()
        .filter(
            unit -> unit.getKey().equals(directory) || unit.getKey().startsWith(directory + "/"));
  }

  /**
   * The tables by rounds beside those of the line, by name: what answerers of an evaluation said,
   * and judges, and a moderation service.
   */
  List<String> beside() {
    return manifests.keySet().stream()
        .filter(Units::isOfRound)
        .map(Units::top)
        .filter(table -> Line.STAGES.stream().noneMatch(s -> s.table().name().equals(table)))
        .distinct()
        .toList();
  }

  /** Files of the answers given, each with the name of its answerer. */
  Map<String, String> answerers() {
    Map<String, String> answerers = new TreeMap<>();
    of(AnswersGiven.TABLE.name())
        .map(Map.Entry::getValue)
        .forEach(
            part -> {
              String answerer = part.stage().replaceFirst("^" + AnswersGiven.BY, "");
              part.files().forEach(file -> answerers.put(file.name(), answerer));
            });
    return answerers;
  }

  /** Whether a unit is, or lies in, a round of a table that has no directory for stages. */
  static boolean isOfRound(String unit) {
    return ROUND.matcher(unit).matches();
  }

  /** The first name of a path. */
  static String top(String path) {
    return path.replaceFirst("/.*", "");
  }

  /** The files of all units. */
  List<Manifest.File> files() {
    return manifests.values().stream().flatMap(manifest -> manifest.files().stream()).toList();
  }

  /**
   * What may stand for a directory among the inputs of a later unit: the digest of its manifest, or
   * of the digests of its parts; none when it is not published.
   */
  List<String> digests(String directory) {
    List<String> digests = new ArrayList<>();
    StringBuilder parts = new StringBuilder();
    int number = 0;
    for (Optional<Manifest> part = part(directory, 0);
        part.isPresent();
        part = part(directory, number)) {
      parts.append(part.get().digest()).append('\n');
      number++;
    }
    manifest(directory)
        .ifPresent(
            whole -> {
              digests.add(whole.digest());
              digests.add(Ids.sha256(whole.digest() + "\n"));
            });
    if (!parts.isEmpty()) {
      digests.add(Ids.sha256(parts.toString()));
    }
    return digests;
  }
}
