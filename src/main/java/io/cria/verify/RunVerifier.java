package io.cria.verify;

import io.cria.pipeline.RunInputs;
import io.cria.pipeline.RunRecord;
import io.cria.pipeline.RunStatus;
import io.cria.run.Line;
import io.cria.run.Schemas;
import io.cria.seed.SeedFile;
import io.cria.stage.AnswerJudging;
import io.cria.stage.AnswersGiven;
import io.cria.stage.ReviewReporting;
import io.cria.stage.ReviewSample;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.storage.RunLock;
import io.cria.task.CriaException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;

/** A run's directory, as far as it is committed. */
final class RunVerifier {
  private static final String PAIRS_KEY = "pairs-key/key.jsonl";
  private static final String LEVELS_KEY = "levels-key/key.jsonl";
  private static final String SEEDS = "inputs/seeds.jsonl";
  private static final String PARQUET = "dataset/parquet";

  /** States whose counts are those of the tables as that invocation left them. */
  private static final Set<String> ENDED = Set.of("done", "stopped", "capped");

  /** What status.json calls all rows of a table. */
  private static final String ROWS = "rows";

  private final SparkSession spark;
  private final RunDirectory run;
  private final boolean isWithin;
  private final Verified.Builder out = new Verified.Builder("run");

  /**
   * @param isWithin whether it is verified with the run that it lies in
   */
  RunVerifier(SparkSession spark, RunDirectory run, boolean isWithin) {
    this.spark = spark;
    this.run = run;
    this.isWithin = isWithin;
  }

  Verified verify() {
    boolean atWork = RunLock.holder(run).filter(RunLock.Holder::isAlive).isPresent();
    if (atWork) {
      out.note(
          "a driver is at work here: what is committed is verified, each table by itself; verify"
              + " again when it has ended");
    }
    Findings findings = out.findings();
    Optional<RunRecord> record = record();
    Units units = Units.of(run, findings);
    status(units, atWork);
    Set<String> unreadable = files(units);
    Set<String> outdated = Outdated.of(units);
    Manifests manifests = new Manifests(run, units, findings, outdated, out::note);
    record.ifPresent(known -> manifests.own(known.identityHash()));
    if (!atWork) {
      boolean isBeside = record.filter(r -> !r.isLine()).isPresent();
      manifests.inputs(isBeside, isBeside && JudgedPlace.isOpen(run));
      manifests.copies();
    }
    out.checked("manifests", units.all().size(), "the run, their files, what they were made from");
    unnamed(manifests);
    Tables tables = rows(units, unreadable, record);
    if (!atWork) {
      // tables that are just made anew do not fit one another
      lineage(units, unreadable, tables, outdated);
    }
    if (!isWithin && run.exists(ReviewSample.FILE)) {
      out.note(
          "people's files and "
              + JudgedPlace.REPORT
              + " of a review are held against its run's verdicts: verify the run");
    }
    if (!atWork) {
      new DerivedTables(spark, run, units, out).verify(record.map(RunRecord::identityHash));
    }
    new Trainings(spark, run, units, out).verify();
    reviews();
    return out.done();
  }

  /** What was asked for a review lies in a run directory of its own. */
  private void reviews() {
    int reviews = 0;
    for (String name : run.list(Judgements.REVIEW)) {
      String place = ReviewReporting.directory(name);
      RunDirectory review =
          RunDirectory.at(run.path(place), spark.sparkContext().hadoopConfiguration());
      if (review.exists(RunRecord.FILE)) {
        Verified verified = new RunVerifier(spark, review, true).verify();
        verified.findings().forEach(line -> out.findings().addLine(place + "/" + line));
        out.findings().addUntold(verified.found() - verified.findings().size());
        verified.notes().forEach(note -> out.note(place + ": " + note));
        reviews++;
      }
    }
    if (reviews > 0) {
      out.checked("reviews", reviews, "each as a run by itself");
    }
  }

  /** What the run is, against itself and against the copy of what it was started from. */
  private Optional<RunRecord> record() {
    try {
      Optional<RunRecord> record = RunRecord.read(run);
      if (record.isPresent() && !record.get().isItself()) {
        out.findings().add(RunRecord.FILE, "its identity is not that of its hash: it was edited");
      } else if (record.isPresent()
          && RunInputs.areKept(run)
          && !RunInputs.fromRun(run, Map.of()).identityHash().equals(record.get().identityHash())) {
        out.findings()
            .add(
                "inputs", "are not those of run.json: configuration, seeds or prompts were edited");
      }
      return record;
    } catch (CriaException e) {
      out.findings().add(RunRecord.FILE + " or inputs", String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  /** Apart from the identity, which the rules of the tables hang on. */
  private void status(Units units, boolean atWork) {
    try {
      Optional<RunStatus> status = RunStatus.read(run);
      if (!atWork) {
        status
            .filter(s -> ENDED.contains(s.state()))
            .ifPresent(s -> s.counts().forEach((table, told) -> counts(units, table, told)));
      }
    } catch (CriaException e) {
      out.findings().add(RunStatus.FILE, "damaged: remove it; the next command writes it anew");
    }
  }

  /** What the status of an ended invocation says of a table, against the table's manifests. */
  private void counts(Units units, String table, Map<String, Long> told) {
    Map<String, Long> there = new TreeMap<>();
    units
        .of(table)
        .map(Map.Entry::getValue)
        .forEach(
            part -> {
              part.counts().forEach((word, rows) -> there.merge(word, rows, Long::sum));
              there.merge(ROWS, part.rows(), Long::sum);
            });
    Set<String> words = new TreeSet<>(told.keySet());
    words.addAll(there.keySet());
    for (String word : words) {
      long said = told.getOrDefault(word, 0L);
      long found = there.getOrDefault(word, 0L);
      if (said != found) {
        out.findings()
            .add(
                RunStatus.FILE,
                "counts " + said + " '" + word + "' of " + table + ", and its manifests " + found);
      }
    }
  }

  private Set<String> files(Units units) {
    List<Manifest.File> files = units.files();
    FileSums.Sums sums = FileSums.of(spark, run, files, 0);
    out.findings().add(sums.findings());
    out.checked("files", files.size(), "checksum, bytes and rows of their manifests");
    out.checked("bytes", sums.bytes(), "as read for that");
    return sums.unreadable();
  }

  private void unnamed(Manifests manifests) {
    List<String> unnamed = manifests.unnamed();
    if (!unnamed.isEmpty()) {
      out.note(
          unnamed.size()
              + " files that no manifest names are no part of the run, such as "
              + unnamed.get(0)
              + ": a driver that was ended leaves them");
    }
  }

  private Tables rows(Units units, Set<String> unreadable, Optional<RunRecord> record) {
    Findings findings = out.findings();
    Tables tables = new Tables(spark, run, units, unreadable);
    if (!tables.unsettled().isEmpty()) {
      out.note("not settled yet, and left out: " + String.join(", ", tables.unsettled()));
    }
    Contract contract =
        new Contract(
            record.map(known -> filters(known, "generate")).orElse(List.of()),
            record.map(known -> filters(known, "instances")).orElse(List.of()));
    tables
        .all()
        .forEach(
            (name, table) -> {
              spark.sparkContext().setJobDescription("cria: rows of " + name);
              TableFiles keyed =
                  name.equals(Line.REQUESTS.name()) ? RequestKeys.with(table) : table;
              RowCheck.rules(keyed, rules(contract, name, units), findings);
              RowCheck.unique(table, contract.id(name), findings);
              long rows = rowsOf(units, name);
              if (rows > 0 || !name.equals(Line.MODERATIONS.table().name())) {
                out.checked(name, rows, "ids, order, reasons, nulls");
              }
            });
    new Counts(units, findings).check(tables);
    LedgerCheck ledger = new LedgerCheck(spark, run);
    ledger.segments(units, out);
    ledger.pinned(tables.of(Line.ANSWERS), findings);
    return tables;
  }

  private static List<RowCheck.Rule> rules(Contract contract, String table, Units units) {
    List<RowCheck.Rule> rules = new ArrayList<>(contract.rules(table));
    if (table.equals(AnswersGiven.TABLE.name())) {
      rules.add(Contract.answerer(units.answerers()));
    }
    return rules;
  }

  private void lineage(Units units, Set<String> unreadable, Tables tables, Set<String> outdated) {
    spark.sparkContext().setJobDescription("cria: lineage");
    List<String> files =
        outdated.stream()
            .flatMap(unit -> units.manifest(unit).stream())
            .flatMap(manifest -> manifest.files().stream())
            .map(Manifest.File::name)
            .toList();
    Lineage lineage = new Lineage(tables, files, out);
    lineage.check(ids(seedIds()));
    lineage.beside(units, this::asked);
    TableFiles dataset = dataset(units, unreadable);
    lineage.dataset(dataset);
    verdicts(units, unreadable, lineage, dataset);
  }

  /** What a judge's stage may ask about; empty where that is not known. */
  private Optional<RowCheck.Among> asked(String stage) {
    return switch (stage) {
      case Judgements.REVIEW -> Optional.of(ids(shown(ReviewSample.FILE, "subject")));
      case "judge_pairs" ->
          Optional.of(
              ids(
                  shown(PAIRS_KEY, "pair_id").stream()
                      .flatMap(
                          pair ->
                              Stream.of(
                                  pair + AnswerJudging.LAID_OUT, pair + AnswerJudging.EXCHANGED))
                      .toList()));
      case "judge_levels" -> Optional.of(ids(shown(LEVELS_KEY, "answer_id")));
      default -> Optional.empty();
    };
  }

  /** The ids of what was shown to those who judge; none where nothing was. */
  private List<String> shown(String file, String id) {
    return JsonLines.read(run, file, out.findings()).stream()
        .map(line -> line.path(id).asText())
        .toList();
  }

  private RowCheck.Among ids(List<String> ids) {
    return new RowCheck.Among(List.of(spark.createDataset(ids, Encoders.STRING()).toDF()), true);
  }

  private static long rowsOf(Units units, String table) {
    return units.of(table).mapToLong(unit -> unit.getValue().rows()).sum();
  }

  /** The names of a stage's filters: reasons that its rows may have. */
  private static List<String> filters(RunRecord record, String stage) {
    List<String> names = new ArrayList<>();
    if (record.identity().get(stage) instanceof Map<?, ?> keys
        && keys.get("filters") instanceof List<?> filters) {
      for (Object filter : filters) {
        if (filter instanceof Map<?, ?> parameters) {
          names.add(String.valueOf(parameters.get("name")));
        }
      }
    }
    return names;
  }

  private List<String> seedIds() {
    List<String> ids = new ArrayList<>();
    if (run.exists(SEEDS)) {
      try (InputStream in = run.open(SEEDS)) {
        SeedFile.read(in, run.path(SEEDS)).forEach(seed -> ids.add(seed.id()));
      } catch (IOException | CriaException e) {
        out.findings().add(SEEDS, "cannot be read (" + e.getMessage() + ")");
      }
    }
    return ids;
  }

  private TableFiles dataset(Units units, Set<String> unreadable) {
    List<String> files =
        units.manifest("dataset").stream()
            .flatMap(manifest -> manifest.files().stream())
            .map(Manifest.File::name)
            .filter(name -> name.startsWith(PARQUET + "/"))
            .toList();
    TableFiles dataset =
        TableFiles.of(
            spark,
            run,
            PARQUET,
            Schemas.EXAMPLES,
            files.stream().filter(file -> !unreadable.contains(file)).toList(),
            files.stream().noneMatch(unreadable::contains));
    RowCheck.rules(dataset, Contract.EXAMPLES, out.findings());
    RowCheck.unique(dataset, List.of("example_id"), out.findings());
    return dataset;
  }

  private void verdicts(Units units, Set<String> unreadable, Lineage lineage, TableFiles dataset) {
    List<String> files =
        units
            .of(Units.VERDICTS)
            .flatMap(u -> u.getValue().files().stream())
            .map(Manifest.File::name)
            .toList();
    TableFiles verdicts =
        TableFiles.of(
            spark,
            run,
            Units.VERDICTS,
            Schemas.VERDICTS,
            files.stream().filter(file -> !unreadable.contains(file)).toList(),
            files.stream().noneMatch(unreadable::contains));
    new Judgements(spark, run, units, verdicts, out).check();
    if (files.isEmpty()) {
      return;
    }
    RowCheck.rules(verdicts, Contract.VERDICTS, out.findings());
    RowCheck.unique(verdicts, Contract.VERDICT_ID, out.findings());
    lineage.verdicts(verdicts, dataset);
    lineage.blindVerdicts(verdicts, "pair", ids(shown(PAIRS_KEY, "pair_id")));
    lineage.blindVerdicts(verdicts, "level", ids(shown(LEVELS_KEY, "answer_id")));
    out.checked(
        Units.VERDICTS,
        rowsOf(units, Units.VERDICTS),
        "their subjects, people's files, the judge's answers, reports");
  }
}
