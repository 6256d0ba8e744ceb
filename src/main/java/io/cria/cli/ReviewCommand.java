package io.cria.cli;

import io.cria.config.AskConfig;
import io.cria.judging.RaterFiles;
import io.cria.judging.Sheet;
import io.cria.pipeline.BesideEstimate;
import io.cria.pipeline.BesideRunner;
import io.cria.pipeline.JudgeInputs;
import io.cria.pipeline.RunRecord;
import io.cria.pipeline.Sessions;
import io.cria.run.VerdictTable;
import io.cria.run.Wish;
import io.cria.stage.BesideStage;
import io.cria.stage.KeptVerdicts;
import io.cria.stage.ReviewJudge;
import io.cria.stage.ReviewPeople;
import io.cria.stage.ReviewReporting;
import io.cria.stage.ReviewSample;
import io.cria.stage.SampledExample;
import io.cria.storage.Hadoop;
import io.cria.storage.Location;
import io.cria.storage.RunDirectory;
import io.cria.task.Counted;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cria review RUN --name N}. */
@Command(
    description = {
      "Judges a sample of a run's examples: is the instruction a valid task, does the",
      "input fit it, is the output acceptable. People judge (--page, --verdicts), a",
      "model (--judge), or both. Sample and report are in RUN/review/NAME, verdicts in",
      "the run's table verdicts. Given again, it goes on; what is paid is not asked",
      "again."
    },
    footer = {
      "",
      "Examples:",
      "  cria review runs/si --name first                       # draws the sample",
      "  cria review runs/si --name first --page --as anna      # judges on a page",
      "  cria review runs/si --name first --verdicts anna.jsonl --verdicts ben.jsonl",
      "  cria review runs/si --name first --without ben",
      "  cria review runs/si --name first --judge conf/judge.yaml --dry-run",
      "  cria review runs/si --name first --judge conf/judge.yaml --set caps.usd=2"
    })
final class ReviewCommand extends CriaCommand {
  /** More than anybody reviews; all are held at once. */
  private static final int MOST = 100_000;

  @Parameters(paramLabel = "RUN", description = "The run's directory, with its dataset made.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  String run;

  @Option(
      names = "--name",
      required = true,
      paramLabel = "NAME",
      description = "What the review is called.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  String name;

  @Option(
      names = "--sample",
      paramLabel = "N",
      description = "Examples to judge. Default: as many as the review has, 200 for a new one.")
  @Nullable Integer sample;

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      description =
          "Another one draws another sample. Default: the one of the review, 42 for a new one.")
  @Nullable Long seed;

  @Option(
      names = "--verdicts",
      paramLabel = "FILE",
      description = "A person's verdicts, one JSON object a line. May be repeated; they are kept.")
  List<String> verdicts = List.of();

  @Option(
      names = "--without",
      paramLabel = "RATER",
      description = "Withdraw a person's verdicts that are kept. May be repeated.")
  List<String> without = List.of();

  @Option(names = "--yes", description = "Spend without asking first.")
  boolean yes;

  @Option(names = "--dry-run", description = "What the judge would cost; nothing is sent or kept.")
  boolean dryRun;

  @Option(
      names = "--close-round",
      description = "Do without the answers that a cap left out: no verdict, counted.")
  boolean closeRound;

  @Option(
      names = "--retry-rejected",
      description = "Ask the judge again what it rejected, once the cause is mended.")
  boolean retryRejected;

  @Mixin EndpointChecks checks = new EndpointChecks();

  @Mixin EndpointQuestion endpoint = new EndpointQuestion();

  @Mixin JudgeOptions judgeOptions = new JudgeOptions();

  @Mixin PageOptions pageOptions = new PageOptions();

  @Override
  ExitCode run() {
    String unused = VerdictTable.requireName("--name", name);
    if (sample != null && (sample < 1 || sample > MOST)) {
      throw CriaException.badInput("--sample " + sample + ": give 1 to " + MOST);
    }
    pageOptions.check();
    endpoint.requireDryRun(dryRun);
    Configuration hadoop = Hadoop.configuration();
    RunDirectory line = RunDirectory.at(run, hadoop);
    RunRecord record = record(line);
    List<ReviewPeople.Given> people = people(hadoop);
    Optional<JudgeInputs> judge = judgeOptions.read();
    if (dryRun && judge.isEmpty()) {
      throw CriaException.badInput("--dry-run: without --judge nothing is paid: give it too");
    }
    if (pageOptions.page && judge.isPresent()) {
      throw CriaException.badInput(
          "--page and --judge: give one after the other: people judge first, or the model");
    }
    String session = "review " + run + " " + name;
    SparkSession spark =
        starting(
            () ->
                judge
                    .map(inputs -> Sessions.open(session, List.of(inputs.config().endpoint())))
                    .orElseGet(() -> Sessions.open(session)));
    RunDirectory review = RunDirectory.at(line.path(ReviewReporting.directory(name)), hadoop);
    Optional<RunRecord> begun = RunRecord.read(review);
    int size = sample == null ? (int) drawnWith(begun, "sample", 200) : sample;
    long draw = seed == null ? drawnWith(begun, "seed", 42) : seed;
    ReviewSample drawing = new ReviewSample(line, size, draw);
    Optional<ReviewJudge> judging = judge.map(ReviewCommand::judging);
    if (judge.isPresent() && !dryRun && maySend(judge.get(), review)) {
      checks.require(this, review, List.of(judge.get().asking()));
    }
    if (judge.isPresent() && (dryRun || (!yes && maySend(judge.get(), review)))) {
      String estimate = estimate(judge.get(), judging.orElseThrow(), drawing.draw(spark));
      if (dryRun) {
        endpoint.tell(this, () -> List.of(judge.get().asking()));
        out().print(WordWrap.lines(estimate, Terminal.width()));
        return ExitCode.DONE;
      }
      SpendQuestion.ask(err(), "review", estimate, judge.get().config().endpoint().baseUrl());
    }
    ReviewReporting reporting = new ReviewReporting(line, name);
    List<BesideStage> stages = new ArrayList<>(List.of(drawing, new ReviewPeople(people, without)));
    judging.ifPresent(stages::add);
    stages.add(reporting);
    boolean worked =
        new BesideRunner(spark, review, ConsoleProgress.on(err()), Clock.systemUTC())
            .wishing(new Wish(closeRound, retryRejected))
            .run(work(line, record, size, draw, judge), stages);
    if (pageOptions.page) {
      return judged(review);
    }
    if (!worked) {
      say("nothing to do: all is judged already");
    }
    out().print(new ReviewText(reporting.report(), PlainPaths.in(review.root())).text());
    return ExitCode.DONE;
  }

  /** On the page, until it is ended. */
  private ExitCode judged(RunDirectory review) {
    List<Sheet.Item> items =
        ReviewSample.read(review).stream()
            .map(
                one ->
                    new Sheet.Item(
                        one.subject(), one.instruction(), one.input(), List.of(one.output())))
            .toList();
    return pageOptions.serve(
        this,
        Sheet.review("review " + name, items),
        new RaterFiles(
            review,
            ReviewPeople.DIRECTORY,
            rater -> KeptVerdicts.path(ReviewPeople.DIRECTORY, rater),
            () -> KeptVerdicts.uncounted(review)),
        "cria review " + run + " --name " + name);
  }

  private RunRecord record(RunDirectory line) {
    return RunRecord.read(line)
        .filter(RunRecord::isLine)
        .orElseThrow(
            () ->
                CriaException.badInput(
                    run + ": there is no run here: give the directory of cria run --run"));
  }

  private List<ReviewPeople.Given> people(Configuration hadoop) {
    List<ReviewPeople.Given> people = new ArrayList<>();
    for (String file : verdicts) {
      String text = Location.of(file, hadoop).text("give a file of verdicts, JSON lines in UTF-8");
      people.add(new ReviewPeople.Given(file, text));
    }
    return people;
  }

  private static ReviewJudge judging(JudgeInputs judge) {
    return new ReviewJudge(
        judge.asking(), judge.config().decoding(), judge.prompts(), judge.identity(), judge.kept());
  }

  /** What is on this machine costs nothing, nor does a judge who was asked everything. */
  private boolean maySend(JudgeInputs judge, RunDirectory review) {
    return !judge.config().endpoint().isOnThisMachine()
        && (retryRejected || !ReviewJudge.isWhole(review));
  }

  private String estimate(JudgeInputs judge, ReviewJudge judging, List<SampledExample> drawn) {
    return BesideEstimate.text(
        "review of " + Counted.of(drawn.size(), "example"),
        judge.asking(),
        judge.prices(),
        LocalDate.now(ZoneOffset.UTC),
        List.of(
            new BesideEstimate.Asked(
                judging.name(),
                drawn.size(),
                drawn.stream().map(judging::texts).toList(),
                judge.config().decoding().maxTokens())));
  }

  /**
   * What a review was begun with holds where nothing else is said: the page's last words name none.
   */
  private static long drawnWith(Optional<RunRecord> begun, String key, long first) {
    return begun
        .map(record -> record.identity().get(key))
        .filter(Number.class::isInstance)
        .map(value -> ((Number) value).longValue())
        .orElse(first);
  }

  private static BesideRunner.Work work(
      RunDirectory line, RunRecord record, int size, long draw, Optional<JudgeInputs> judge) {
    return new BesideRunner.Work(
        "review",
        Map.of(
            "run",
            record.identityHash(),
            "examples",
            ReviewSample.examples(line),
            "sample",
            size,
            "seed",
            draw),
        judge.map(JudgeInputs::asking).orElse(AskConfig.NOBODY),
        judge.map(JudgeInputs::prices).orElse(""),
        judge.map(inputs -> inputs.config().prices()).orElse(null),
        Map.of(),
        "another --name");
  }
}
