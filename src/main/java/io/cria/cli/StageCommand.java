package io.cria.cli;

import io.cria.pipeline.RunInputs;
import io.cria.pipeline.RunStatus;
import io.cria.pipeline.Runner;
import io.cria.pipeline.Sessions;
import io.cria.sft.BaseModel;
import io.cria.sft.SftRunFile;
import io.cria.stage.ModerateStage;
import io.cria.stage.ShardStage;
import io.cria.storage.Hadoop;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.tokenizer.ModelTokenizer;
import io.cria.tokenizer.TemplateSource;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cria stage NAME --run DIR}. */
@Command(
    description = {
      "One stage of a run, for a scheduler: generate, classify, instances, moderate, dataset or",
      "shards. Asks nothing; set caps in the run file. A new run needs --conf once; after that the",
      "run directory knows its configuration. A recipe may do without moderate: it can be called on",
      "a run that is through instances."
    },
    footer = {
      "",
      "Examples:",
      "  cria stage generate --run runs/si --conf conf/self-instruct.yaml",
      "  cria stage classify --run runs/si",
      "  cria stage moderate --run runs/si",
      "  cria stage shards --run runs/si --sft-conf conf/sft-alpaca.yaml --base models/llama"
    })
final class StageCommand extends CriaCommand {
  /** What {@code --set} may say of the fine-tuning's run file here; its base has an option. */
  private static final Set<String> SFT_SECTIONS = Set.of("template", "shards");

  @Parameters(
      paramLabel = "NAME",
      description = "generate, classify, instances, moderate, dataset or shards.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  String name;

  @Option(
      names = "--run",
      required = true,
      paramLabel = "DIR",
      description = "The run's directory.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  String run;

  @Option(names = "--conf", paramLabel = "CONF", description = "Run file; needed for a new run.")
  @Nullable String conf;

  @Option(
      names = "--close-round",
      description =
          "Commit unfinished rounds with the answers they have; what was not sent is recorded as"
              + " such, and not asked any more. What was not begun is done as ever.")
  boolean closeRound;

  @Option(
      names = "--sft-conf",
      paramLabel = "CONF",
      description = "Run file of a fine-tuning: shards are written for its model and layout.")
  @Nullable String sftConf;

  @Option(
      names = "--base",
      paramLabel = "MODEL",
      description = "The model to tune, in place of that run file's: a directory or a GGUF file.")
  @Nullable Path base;

  @Option(names = "--retry-rejected", description = RunOptions.RETRY_REJECTED)
  boolean retryRejected;

  @Mixin EndpointChecks checks = new EndpointChecks();

  @Mixin RunOptions options = new RunOptions();

  @Override
  ExitCode run() {
    logAsAsked();
    List<String> ofSft =
        name.equals(ShardStage.DIRECTORY) ? options.takeSettings(SFT_SECTIONS) : List.of();
    RunInputs inputs =
        conf == null
            ? options.fromRun(RunDirectory.at(run, Hadoop.configuration()))
            : options.fromFile(conf);
    checkService(inputs);
    SparkSession spark = starting(() -> Sessions.open(name + " " + run, inputs.config()));
    ConsoleProgress progress = ConsoleProgress.on(err());
    RunDirectory at = RunDirectory.at(run, Hadoop.configuration());
    Runner runner =
        new Runner(spark, run, progress, Clock.systemUTC())
            .beforeAsking(asked -> checks.require(this, at, List.of(asked)));
    if (closeRound) {
      runner.closingRound();
    }
    if (retryRejected) {
      runner.retryingRejected();
    }
    out().println(outcome(runner, inputs, ofSft));
    return ExitCode.DONE;
  }

  /** Of moderation, which the line's own endpoint has no part in. */
  private void checkService(RunInputs inputs) {
    RunDirectory directory = RunDirectory.at(run, Hadoop.configuration());
    boolean ended =
        RunStatus.read(directory)
            .filter(status -> status.state().equals("done") && status.stage().equals(name))
            .isPresent();
    if (name.equals(ModerateStage.NAME) && (retryRejected || !ended)) {
      inputs
          .config()
          .moderating()
          .ifPresent(asked -> checks.require(this, directory, List.of(asked)));
    }
  }

  private String outcome(Runner runner, RunInputs inputs, List<String> ofSft) {
    RunSummary summary = new RunSummary(runner.directory());
    if (name.equals(ShardStage.DIRECTORY)) {
      return summary.text(runner.runBeside(inputs, shards(ofSft)));
    }
    if (name.equals(ModerateStage.NAME) && !Runner.hasStage(inputs, name)) {
      return summary.text(runner.runBeside(inputs, new ModerateStage()));
    }
    return Runner.hasStage(inputs, name)
        ? summary.text(runner.runStage(inputs, name))
        : summary.without(name, inputs.config().recipe());
  }

  /**
   * @param settings of the fine-tuning's run file, from the command line
   */
  private ShardStage shards(List<String> settings) {
    if (sftConf == null) {
      throw CriaException.badInput(
          "stage shards: which model is not said: give --sft-conf, for example"
              + " conf/sft-quickstart.yaml");
    }
    SftRunFile file = SftOptions.read(sftConf, settings);
    try (ModelTokenizer tokenizer = BaseModel.tokenizer(BaseModel.find(file, base))) {
      TemplateSource template = file.templateSource();
      template.notice(tokenizer).ifPresent(this::say);
      return new ShardStage(tokenizer, template, file.shards().plan());
    }
  }
}
