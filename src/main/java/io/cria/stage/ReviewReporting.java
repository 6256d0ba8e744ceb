package io.cria.stage;

import io.cria.config.AskConfig;
import io.cria.evaluate.ReviewQuestions;
import io.cria.evaluate.ReviewReport;
import io.cria.evaluate.ReviewStatistics;
import io.cria.evaluate.ReviewStatistics.Said;
import io.cria.evaluate.VerdictFile;
import io.cria.run.AskContext;
import io.cria.run.Rows;
import io.cria.run.Schemas;
import io.cria.run.VerdictTable;
import io.cria.storage.Json;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * Puts a review's verdicts, of people and judge, into the run's table of verdicts, and what they
 * come to into {@code report.json}.
 */
public final class ReviewReporting implements BesideStage {
  /** The report, below the review's directory. */
  public static final String FILE = "report.json";

  /** Where the reviews of a run lie, each in a directory of its name. */
  public static final String REVIEWS = "review";

  private static final String KIND = "review";

  /** Of the sample, what the judge was not asked about yet. */
  private static final String NOT_ASKED = "not_asked_yet";

  private final RunDirectory line;
  private final String name;
  private @Nullable ReviewReport report;

  /**
   * @param line the run whose table of verdicts is written
   * @param name of the review
   */
  public ReviewReporting(RunDirectory line, String name) {
    this.line = line;
    this.name = name;
  }

  @Override
  public String name() {
    return "report";
  }

  @Override
  public Optional<AskConfig> asks() {
    return Optional.empty();
  }

  /** What was found, once it has run. */
  public ReviewReport report() {
    return Objects.requireNonNull(report, "not run yet");
  }

  /** Verdicts and what they were made from. */
  private static final class Gathered {
    private final List<Given> verdicts = new ArrayList<>();
    private final List<Manifest.Input> inputs = new ArrayList<>();
    private final Map<String, Integer> noVerdict = new TreeMap<>();
    private final Map<String, Integer> raters = new TreeMap<>();

    void add(Given given) {
      verdicts.add(given);
      raters.merge(given.said().rater(), 1, Integer::sum);
    }
  }

  /**
   * A verdict with what the table has of it beside.
   *
   * @param answerId of the judge's answer; null of people
   */
  private record Given(Said said, String reason, @Nullable String answerId) {}

  @Override
  public boolean run(AskContext context) {
    RunDirectory review = context.run();
    List<SampledExample> sample = ReviewSample.read(review);
    Gathered gathered = new Gathered();
    gathered.inputs.add(within(ReviewSample.input(review)));
    people(review, gathered);
    Optional<String> judge = ReviewJudge.model(review);
    judge.ifPresent(model -> judge(context, "model:" + model, sample.size(), gathered));
    ReviewReport made =
        new ReviewReport(
            name,
            ReviewSample.population(review),
            sample.size(),
            strata(sample),
            judge.orElse(null),
            gathered.noVerdict,
            gathered.raters,
            ReviewStatistics.of(gathered.verdicts.stream().map(Given::said).toList()));
    report = made;
    context.checkpoint();
    // of none only where some were published, which are withdrawn now
    if (!gathered.verdicts.isEmpty() || isPublished()) {
      publish(context, sample, gathered);
    }
    String text = Json.write(made);
    boolean worked = !review.text(FILE).equals(Optional.of(text));
    review.replace(FILE, text);
    return worked;
  }

  private boolean isPublished() {
    return VerdictTable.published(line, KIND).stream()
        .anyMatch(published -> published.name().equals(name));
  }

  private void people(RunDirectory review, Gathered gathered) {
    KeptVerdicts.counting(review);
    for (VerdictFile file : ReviewPeople.read(review)) {
      gathered.inputs.add(within(new Manifest.Input(ReviewPeople.file(file), file.sha256())));
      for (VerdictFile.Entry entry : file.entries()) {
        gathered.add(
            new Given(
                new Said(entry.subject(), entry.question(), file.rater(), entry.verdict()),
                entry.reason(),
                null));
      }
    }
  }

  private void judge(AskContext context, String rater, int sample, Gathered gathered) {
    RunDirectory review = context.run();
    JudgeQuestions.inputs(review, ReviewJudge.NAME)
        .forEach(input -> gathered.inputs.add(within(input)));
    context.job("the judge's verdicts");
    Set<String> seen = new HashSet<>();
    for (Row row :
        JudgeQuestions.verdicts(context.spark(), review, ReviewJudge.NAME).collectAsList()) {
      String verdict = row.getAs("verdict");
      seen.add(row.getAs("subject_id"));
      if (verdict != null) {
        gathered.add(
            new Given(
                new Said(row.getAs("subject_id"), row.getAs("question"), rater, verdict),
                row.getAs("reason"),
                row.getAs("answer_id")));
      } else if (row.<Integer>getAs("item") == 0) {
        gathered.noVerdict.merge(row.getAs("fault"), 1, Integer::sum);
      }
    }
    if (seen.size() < sample) {
      gathered.noVerdict.merge(NOT_ASKED, sample - seen.size(), Integer::sum);
    }
  }

  /** Seen from the run, whose table the verdicts are. */
  private Manifest.Input within(Manifest.Input input) {
    return new Manifest.Input(directory(name) + "/" + input.path(), input.sha256());
  }

  /** The directory of a review, below the run's. */
  public static String directory(String name) {
    return REVIEWS + "/" + name;
  }

  private static List<ReviewReport.Stratum> strata(List<SampledExample> sample) {
    Map<ReviewReport.Stratum, Integer> counts = new LinkedHashMap<>();
    for (boolean isClassification : List.of(false, true)) {
      for (String length : ReviewSample.LENGTHS) {
        counts.put(new ReviewReport.Stratum(isClassification, length, 0), 0);
      }
    }
    for (SampledExample example : sample) {
      counts.merge(
          new ReviewReport.Stratum(example.isClassification(), example.length(), 0),
          1,
          Integer::sum);
    }
    return counts.entrySet().stream()
        .filter(entry -> entry.getValue() > 0)
        .map(
            entry ->
                new ReviewReport.Stratum(
                    entry.getKey().isClassification(), entry.getKey().length(), entry.getValue()))
        .toList();
  }

  /** In the order of the sample, then of the questions, then of the raters' names. */
  private void publish(AskContext context, List<SampledExample> sample, Gathered gathered) {
    Map<String, Integer> places = new HashMap<>();
    sample.forEach(example -> places.put(example.subject(), places.size()));
    List<String> questions = List.copyOf(ReviewQuestions.QUESTIONS.keySet());
    gathered.verdicts.sort(
        Comparator.<Given>comparingInt(g -> places.getOrDefault(g.said().subject(), -1))
            .thenComparingInt(g -> questions.indexOf(g.said().question()))
            .thenComparing(g -> g.said().rater()));
    Manifest unused =
        VerdictTable.publish(
            line,
            context.spark().sparkContext().hadoopConfiguration(),
            KIND,
            name,
            gathered.inputs,
            gathered.verdicts.stream().map(this::row).iterator());
  }

  private Row row(Given given) {
    Said said = given.said();
    return Rows.row(
        Schemas.VERDICTS,
        said.subject(),
        KIND,
        name,
        said.rater(),
        said.question(),
        said.verdict(),
        null,
        given.reason(),
        null,
        given.answerId());
  }
}
