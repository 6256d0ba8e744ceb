package io.cria.cli;

import io.cria.config.ConfigException;
import io.cria.config.EvaluationConfig;
import io.cria.judging.RaterFiles;
import io.cria.judging.Sheet;
import io.cria.pipeline.BesideRunner;
import io.cria.pipeline.Evaluation;
import io.cria.pipeline.EvaluationInputs;
import io.cria.pipeline.Sessions;
import io.cria.run.Wish;
import io.cria.sft.generate.CheckpointGenerator;
import io.cria.sft.model.ModelFingerprint;
import io.cria.stage.Blinding;
import io.cria.stage.EvaluationReporting;
import io.cria.stage.KeptVerdicts;
import io.cria.stage.PeopleVerdicts;
import io.cria.storage.Hadoop;
import io.cria.storage.Location;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cria evaluate CONF --run DIR}. */
@Command(
    description = {
      "Compares models on an evaluation set: each answers it once, a judge or people",
      "compare the answers blindly, and a report says what was found. Given again, it",
      "goes on where it stopped; another judge or mode finds the answers made.",
      "",
      "The run file's set is a file of tasks, or a folder: all its *.jsonl, where",
      "facts, equal, refuse and harmless are such sections and any other file is tasks."
    },
    footer = {
      "",
      "Examples:",
      "  cria evaluate conf/evaluate.yaml --run runs/compared",
      "  cria evaluate conf/evaluate.yaml --run runs/compared --tasks 60 --dry-run",
      "  cria evaluate own.yaml --run runs/compared --page        # people judge on a page",
      "  cria evaluate own.yaml --run runs/compared --verdicts anna.jsonl",
      "  cria evaluate own.yaml --run runs/compared --without anna"
    })
final class EvaluateCommand extends CriaCommand {
  @Parameters(paramLabel = "CONF", description = "Run file, for example conf/evaluate.yaml.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  String conf;

  @Option(
      names = "--run",
      required = true,
      paramLabel = "DIR",
      description = "The evaluation's own directory.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  String run;

  @Option(
      names = "--tasks",
      paramLabel = "N",
      description = "The first N items of each section (the run file's limit).")
  @Nullable Integer tasks;

  @Option(
      names = "--verdicts",
      paramLabel = "FILE",
      description =
          "A person's verdicts, one JSON object a line; kept in the directory. May be repeated.")
  List<String> verdicts = List.of();

  @Option(
      names = "--without",
      paramLabel = "RATER",
      description = "Withdraw a person's verdicts that are kept. May be repeated.")
  List<String> without = List.of();

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Any key of the run file, dotted: --set mode=levels. May be repeated.")
  List<String> settings = List.of();

  @Option(names = "--yes", description = "Spend without asking first.")
  boolean yes;

  @Option(names = "--dry-run", description = "Show what it would ask and cost; send nothing.")
  boolean dryRun;

  @Option(
      names = "--close-round",
      description = "Do without what a cap or failures left out: no answer, no verdict; counted.")
  boolean closeRound;

  @Option(
      names = "--retry-rejected",
      description = "Ask again what was rejected or failed, once the cause is mended.")
  boolean retryRejected;

  @Mixin EndpointChecks checks = new EndpointChecks();

  @Mixin EndpointQuestion endpoint = new EndpointQuestion();

  @Mixin PageOptions pageOptions = new PageOptions();

  @Override
  ExitCode run() {
    pageOptions.check();
    endpoint.requireDryRun(dryRun);
    Configuration hadoop = Hadoop.configuration();
    EvaluationInputs inputs = inputs(hadoop);
    Evaluation evaluation =
        new Evaluation(
            inputs, verdicts.stream().map(name -> Location.of(name, hadoop)).toList(), without);
    RunDirectory directory = RunDirectory.at(run, hadoop);
    if (pageOptions.page) {
      return judged(evaluation.beforeJudge(), inputs.config().mode(), directory);
    }
    if (dryRun) {
      endpoint.tell(this, () -> evaluation.asked(directory, retryRejected));
      String estimate = evaluation.estimate(directory, today(), retryRejected);
      out().print(WordWrap.lines(estimate, Terminal.width()));
      return ExitCode.DONE;
    }
    askToSpend(evaluation, directory, !evaluation.isFinished(directory));
    SparkSession spark = starting(() -> Sessions.open("evaluate " + run, evaluation.endpoints()));
    RunDirectory opened = RunDirectory.at(run, spark.sparkContext().hadoopConfiguration());
    boolean worked =
        new BesideRunner(spark, opened, ConsoleProgress.on(err()), Clock.systemUTC())
            .wishing(new Wish(closeRound, retryRejected))
            .run(evaluation.work(), evaluation.stages());
    out().print(opened.text(EvaluationReporting.TEXT).orElse(""));
    out().println();
    out()
        .println(
            (worked ? "evaluated: " : "nothing to do: ")
                + PlainPaths.in(opened.path(EvaluationReporting.JSON)));
    return ExitCode.DONE;
  }

  /** Makes the answers where they are not made, and serves the page until it is ended. */
  private ExitCode judged(Evaluation evaluation, String mode, RunDirectory directory) {
    if (dryRun || !verdicts.isEmpty() || !without.isEmpty()) {
      throw CriaException.badInput(
          "--page is for judging alone: give "
              + (dryRun ? "--dry-run" : verdicts.isEmpty() ? "--without" : "--verdicts")
              + " without it");
    }
    askToSpend(evaluation, directory, !evaluation.isAnswered(directory));
    SparkSession spark = starting(() -> Sessions.open("evaluate " + run, evaluation.endpoints()));
    RunDirectory opened = RunDirectory.at(run, spark.sparkContext().hadoopConfiguration());
    boolean unused =
        new BesideRunner(spark, opened, ConsoleProgress.on(err()), Clock.systemUTC())
            .wishing(new Wish(closeRound, retryRejected))
            .run(evaluation.work(), evaluation.stagesBeforePeople());
    List<Sheet.Item> items =
        Blinding.shown(opened, mode).stream()
            .map(
                one -> new Sheet.Item(one.subject(), one.instruction(), one.input(), one.answers()))
            .toList();
    String folder = PeopleVerdicts.folder(mode);
    // the run file's name may tell who is compared: the page does not have it
    return pageOptions.serve(
        this,
        mode.equals(EvaluationConfig.PAIRS)
            ? Sheet.pairs("pairs of answers", items)
            : Sheet.levels("single answers", items),
        new RaterFiles(
            opened,
            folder,
            rater -> KeptVerdicts.path(folder, rater),
            () -> KeptVerdicts.uncounted(opened)),
        "");
  }

  /** Asks before anything may be sent that costs money. */
  private void askToSpend(Evaluation evaluation, RunDirectory directory, boolean isOpen) {
    if (!evaluation.mayCost() || !(retryRejected || isOpen)) {
      return;
    }
    checks.require(this, directory, evaluation.asked(directory, retryRejected));
    if (!yes) {
      SpendQuestion.ask(
          err(),
          "evaluate",
          evaluation.estimate(directory, today(), retryRejected),
          evaluation.addresses());
    }
  }

  private static LocalDate today() {
    return LocalDate.now(ZoneOffset.UTC);
  }

  private EvaluationInputs inputs(Configuration hadoop) {
    Location file = Location.of(conf, hadoop);
    String text = file.text("give the path of an evaluation's run file");
    RunFileKind.EVALUATE.require(text, conf);
    try {
      return new EvaluationInputs.Reader(
              file,
              hadoop,
              ModelFingerprint::of,
              CheckpointGenerator::baseAtHand,
              EndpointOverrides.outside())
          .read(
              text,
              overrides(),
              Location.of(System.getProperty("cria.prices", RunOptions.PRICES), hadoop));
    } catch (ConfigException e) {
      throw e.toldOf(tasks == null ? Map.of() : Map.of("limit", "--tasks"));
    }
  }

  private Map<String, String> overrides() {
    Map<String, String> overrides = EndpointOverrides.of(settings, "--set", "mode=levels");
    overrides.replaceAll(CommandLinePaths::absolute);
    if (tasks != null) {
      overrides.put("limit", tasks.toString());
    }
    return overrides;
  }
}
