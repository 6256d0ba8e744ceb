package io.cria.verify;

import io.cria.evaluate.LevelVerdicts;
import io.cria.evaluate.PairVerdicts;
import io.cria.evaluate.ReviewQuestions;
import io.cria.evaluate.VerdictFile;
import io.cria.pipeline.RunRecord;
import io.cria.stage.AnswerJudging;
import io.cria.stage.JudgeQuestions;
import io.cria.stage.KeptVerdicts;
import io.cria.stage.ReviewReporting;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.Ids;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/**
 * The judgements of a run or an evaluation against what they were counted from: the files that
 * people gave, what a judge answered, and the report beside them. Where the last call did not end
 * well, or people have judged on a page since, what is not counted yet is told, and is no damage.
 * All verdicts of a judgement are held, as they were when it was made.
 */
final class Judgements {
  static final String REVIEW = "review";

  private static final String REVIEWS = Units.VERDICTS + "/kind=" + REVIEW;
  private static final String NAME = "/name=";
  private static final String PEOPLE = "people";
  private static final String BETTER = "better";
  private static final String EXCHANGED = "better_exchanged";
  private static final List<String> BLIND = List.of("pair", "level");

  private final SparkSession spark;
  private final RunDirectory run;
  private final Units units;
  private final TableFiles verdicts;
  private final Verified.Builder out;

  /**
   * @param verdicts the rows of all judgements
   */
  Judgements(
      SparkSession spark,
      RunDirectory run,
      Units units,
      TableFiles verdicts,
      Verified.Builder out) {
    this.spark = spark;
    this.run = run;
    this.units = units;
    this.verdicts = verdicts;
    this.out = out;
  }

  /**
   * One judgement of the table.
   *
   * @param unit its directory
   * @param place where what it was counted from lies
   * @param folder of people's files there
   * @param isLast whether the last call made it, so that nothing may be newer than it is
   */
  private record Judgement(String unit, JudgedPlace place, String folder, boolean isLast) {}

  void check() {
    reviews();
    JudgedPlace own = JudgedPlace.of(run, "", units, out.findings());
    EvaluationReportCheck report = new EvaluationReportCheck(own, out);
    for (String kind : BLIND) {
      String folder = PEOPLE + "/" + kind + "s";
      Set<String> counted = new HashSet<>();
      units
          .of(Units.VERDICTS + "/kind=" + kind)
          .forEach(
              unit -> {
                boolean ofPeople = unit.getKey().endsWith("=" + PEOPLE);
                Judgement judgement =
                    new Judgement(unit.getKey(), own, folder, report.tells(kind, ofPeople));
                if (sources(judgement, unit.getValue(), counted) && judgement.isLast()) {
                  (ofPeople ? byPeople(judgement, kind, unit.getValue()) : byModel(own, kind))
                      .ifPresent(said -> rows(judgement, said));
                }
              });
      notCounted(own, folder, counted);
    }
    if (verdicts.isWhole()) {
      report.check(BLIND, this::of);
    }
  }

  private void reviews() {
    Set<String> names = new TreeSet<>(run.list(REVIEW));
    units
        .of(REVIEWS)
        .forEach(unit -> names.add(unit.getKey().substring((REVIEWS + NAME).length())));
    names.forEach(this::review);
  }

  private void review(String name) {
    String unit = REVIEWS + NAME + name;
    String prefix = ReviewReporting.directory(name) + "/";
    Optional<Manifest> manifest = units.manifest(unit);
    RunDirectory review =
        RunDirectory.at(run.path(prefix), spark.sparkContext().hadoopConfiguration());
    if (!review.exists(RunRecord.FILE)) {
      if (manifest.stream()
          .flatMap(made -> made.inputs().stream())
          .anyMatch(input -> input.path().startsWith(prefix))) {
        out.findings().add(units.path(unit), "was counted from " + prefix + ", which is not here");
      }
      return;
    }
    // the review's own verification tells what is wrong with its manifests
    JudgedPlace place =
        JudgedPlace.of(review, prefix, Units.of(review, new Findings()), out.findings());
    Judgement judgement = new Judgement(unit, place, PEOPLE, true);
    Set<String> counted = new HashSet<>();
    boolean isCurrent = manifest.isEmpty() || sources(judgement, manifest.get(), counted);
    notCounted(place, PEOPLE, counted);
    if (verdicts.isWhole() && isCurrent && place.isJudgeAsAsked()) {
      manifest.flatMap(made -> reviewed(place, made)).ifPresent(said -> rows(judgement, said));
      new ReviewReportCheck(place, name, out).check(of(REVIEW, name));
    }
  }

  /** Rows of a judgement, or of all of a kind where its name is empty. */
  private List<Row> of(String kind, String name) {
    return verdicts
        .rows()
        .filter(
            functions
                .col("kind")
                .equalTo(kind)
                .and(name.isEmpty() ? functions.lit(true) : functions.col("name").equalTo(name)))
        .collectAsList();
  }

  /**
   * Holds what a judgement was counted from against what lies there.
   *
   * @param counted takes the people's files that it counts
   * @return whether it was counted from what lies there
   */
  private boolean sources(Judgement judgement, Manifest manifest, Set<String> counted) {
    boolean same = true;
    String prefix = judgement.place().prefix();
    for (Manifest.Input input : manifest.inputs()) {
      if (input.path().startsWith(prefix)) {
        String path = input.path().substring(prefix.length());
        same &=
            path.startsWith(judgement.folder() + "/")
                ? people(judgement, file(judgement, path), input.sha256(), counted)
                : made(judgement, path, input.sha256());
      }
    }
    return same;
  }

  /** A review names the file, an evaluation the rater. */
  private static String file(Judgement judgement, String path) {
    return judgement.place().prefix().isEmpty()
        ? KeptVerdicts.path(judgement.folder(), path.substring(judgement.folder().length() + 1))
        : path;
  }

  private boolean people(Judgement judgement, String file, String sha256, Set<String> counted) {
    counted.add(file);
    JudgedPlace place = judgement.place();
    Optional<String> found = place.directory().text(file).map(Ids::sha256);
    boolean areUncounted = KeptVerdicts.areUncounted(place.directory());
    if (found.isEmpty() && areUncounted) {
      out.note(
          place.prefix() + file + ": votes that are taken back, and counted until the next call");
      return false;
    }
    if (found.isEmpty()) {
      out.findings()
          .add(place.prefix() + file, "is missing, and " + judgement.unit() + " counts its votes");
      return false;
    }
    if (found.get().equals(sha256)) {
      return true;
    }
    if (areUncounted || place.isOpen() || !judgement.isLast()) {
      out.note(place.prefix() + file + ": votes that are not yet counted, in place of others");
    } else {
      out.findings()
          .add(
              place.prefix() + file,
              "its votes are not those that were counted (SHA-256 "
                  + Manifests.head(found.get())
                  + ", not "
                  + Manifests.head(sha256)
                  + ")");
    }
    return false;
  }

  private boolean made(Judgement judgement, String path, String sha256) {
    JudgedPlace place = judgement.place();
    List<String> digests = place.units().digests(path);
    if (digests.contains(sha256)) {
      return true;
    }
    if (place.isOpen() || !judgement.isLast()) {
      out.note(place.prefix() + path + ": newer than " + judgement.unit() + ", not yet counted");
    } else if (digests.isEmpty()) {
      out.findings()
          .add(
              units.path(judgement.unit()),
              "was counted from " + place.prefix() + path + ", which is not here");
    } else {
      out.findings()
          .add(
              units.path(judgement.unit()),
              "was counted from another " + place.prefix() + path + " than lies here");
    }
    return false;
  }

  private void notCounted(JudgedPlace place, String folder, Set<String> counted) {
    for (RunDirectory.Sized file : place.directory().listSized(folder)) {
      String path = folder + "/" + file.name();
      if (!counted.contains(path)) {
        out.note(place.prefix() + path + ": votes that are not yet counted");
      }
    }
  }

  /** What somebody said, as the table has it; no answer's id is an empty one. */
  private record Vote(
      String subject, String question, String rater, String verdict, String answerId) {
    String told(String said) {
      return rater + " " + said + " of " + subject + ": " + question + " " + verdict;
    }
  }

  /** All that a review's people and judge said. */
  private Optional<Set<Vote>> reviewed(JudgedPlace place, Manifest manifest) {
    Set<String> subjects = new HashSet<>();
    place.sample().forEach(line -> subjects.add(line.path("subject").asText()));
    Set<Vote> votes = new HashSet<>();
    for (Manifest.Input input : manifest.inputs()) {
      if (input.path().startsWith(place.prefix() + PEOPLE + "/")) {
        String path = input.path().substring(place.prefix().length());
        votes.addAll(votes(place, path, subjects, ReviewQuestions.QUESTIONS));
      }
    }
    Optional<String> model = place.judge();
    if (model.isEmpty()) {
      return Optional.of(votes);
    }
    String rater = PairVerdicts.MODEL + model.get();
    return judged(place, REVIEW)
        .map(
            rows -> {
              rows.stream()
                  .filter(row -> row.getAs("verdict") != null)
                  .forEach(
                      row ->
                          votes.add(
                              vote(row.getAs("subject_id"), row, rater, row.getAs("question"))));
              return votes;
            });
  }

  private Optional<Set<Vote>> byPeople(Judgement judgement, String kind, Manifest manifest) {
    JudgedPlace place = judgement.place();
    Map<String, List<String>> questions =
        kind.equals("pair")
            ? Map.of(BETTER, List.of("left", "right", "neither"))
            : Map.of(kind, LevelVerdicts.LEVELS);
    Set<String> subjects = shown(place, kind);
    Set<Vote> votes = new HashSet<>();
    for (Manifest.Input input : manifest.inputs()) {
      if (input.path().startsWith(judgement.folder() + "/")) {
        votes.addAll(votes(place, file(judgement, input.path()), subjects, questions));
      }
    }
    return Optional.of(votes);
  }

  /** A judge sees a pair in both orders, and is counted where it said nothing. */
  private Optional<Set<Vote>> byModel(JudgedPlace place, String kind) {
    String rater = PairVerdicts.MODEL + place.judge().orElse("");
    Map<String, String> questions =
        kind.equals("pair")
            ? Map.of(AnswerJudging.LAID_OUT, BETTER, AnswerJudging.EXCHANGED, EXCHANGED)
            : Map.of("", kind);
    return judged(place, "judge_" + kind + "s")
        .map(
            rows -> {
              Map<String, Row> judged = new HashMap<>();
              rows.forEach(row -> judged.put(row.getAs("subject_id"), row));
              Set<Vote> votes = new HashSet<>();
              for (String subject : shown(place, kind)) {
                questions.forEach(
                    (order, question) -> {
                      Row row = judged.get(subject + order);
                      votes.add(
                          row == null
                              ? new Vote(subject, question, rater, EvaluationReportCheck.NONE, "")
                              : vote(subject, row, rater, question));
                    });
              }
              return votes;
            });
  }

  private static Set<String> shown(JudgedPlace place, String kind) {
    Set<String> ids = new HashSet<>();
    String id = kind.equals("pair") ? "pair_id" : "answer_id";
    JsonLines.read(place.directory(), kind + "s-key/key.jsonl", new Findings())
        .forEach(line -> ids.add(line.path(id).asText()));
    return ids;
  }

  private List<Vote> votes(
      JudgedPlace place, String path, Set<String> subjects, Map<String, List<String>> questions) {
    List<Vote> votes = new ArrayList<>();
    try {
      VerdictFile file =
          VerdictFile.read(
              place.prefix() + path, place.directory().text(path).orElse(""), subjects, questions);
      for (VerdictFile.Entry entry : file.entries()) {
        votes.add(new Vote(entry.subject(), entry.question(), file.rater(), entry.verdict(), ""));
      }
    } catch (CriaException e) {
      out.findings().addLine(String.valueOf(e.getMessage()));
    }
    return votes;
  }

  /** What a judge said; empty where a file of it cannot be read, which is told with the file. */
  private Optional<List<Row>> judged(JudgedPlace place, String table) {
    try {
      return Optional.of(JudgeQuestions.verdicts(spark, place.directory(), table).collectAsList());
    } catch (Exception e) {
      // whatever Spark makes of damaged bytes: its checked exceptions are declared nowhere
      out.note(place.prefix() + table + " cannot be read: its verdicts were not compared");
      return Optional.empty();
    }
  }

  private static Vote vote(String subject, Row row, String rater, String question) {
    String verdict = row.getAs("verdict");
    String answer = row.getAs("answer_id");
    return new Vote(
        subject,
        question,
        rater,
        verdict == null ? EvaluationReportCheck.NONE : verdict,
        answer == null ? "" : answer);
  }

  /** Whether the rows of a judgement are what was said, and all of it. */
  private void rows(Judgement judgement, Set<Vote> said) {
    if (!verdicts.isWhole()) {
      return;
    }
    String[] path = judgement.unit().split("=", -1);
    String kind = path[1].replaceFirst("/.*", "");
    Map<Vote, Row> left = new HashMap<>();
    for (Row row : of(kind, path[2])) {
      if (!row.getAs("question").equals(EvaluationReportCheck.WINNER)) {
        left.put(
            vote(row.getAs("subject_id"), row, row.getAs("rater"), row.getAs("question")), row);
      }
    }
    List<String> lacking = new ArrayList<>();
    for (Vote vote : said) {
      if (left.remove(vote) == null) {
        lacking.add(judgement.unit() + ": lacks what " + vote.told("said"));
      }
    }
    List<String> invented = new ArrayList<>();
    left.forEach(
        (vote, row) ->
            invented.add(
                row.getAs(TableFiles.FILE)
                    + ", row "
                    + row.getAs(TableFiles.AT)
                    + ": "
                    + vote.told("did not say so")));
    tell(invented);
    tell(lacking);
  }

  /** The first of many, so that others are to be seen beside them. */
  private void tell(List<String> lines) {
    lines.stream().sorted().limit(RowCheck.TOLD).forEach(out.findings()::addLine);
    out.findings().addUntold(Math.max(0, lines.size() - RowCheck.TOLD));
  }
}
