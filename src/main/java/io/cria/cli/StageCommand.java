package io.cria.cli;

import io.cria.pipeline.RunInputs;
import io.cria.pipeline.Runner;
import io.cria.pipeline.Sessions;
import io.cria.sft.BaseModel;
import io.cria.sft.SftRunFile;
import io.cria.stage.ShardStage;
import io.cria.storage.Hadoop;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.tokenizer.ModelTokenizer;
import io.cria.tokenizer.TemplateSource;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cria stage NAME --run DIR}. */
@Command(
    description = {
      "One stage of a run, for a scheduler: generate, classify, instances, dataset or shards. Asks"
          + " nothing; set caps in",
      "the run file. A new run needs --conf once; after that the run directory knows its"
          + " configuration."
    },
    footer = {
      "",
      "Examples:",
      "  cria stage generate --run runs/si --conf conf/self-instruct.yaml",
      "  cria stage classify --run runs/si",
      "  cria stage shards --run runs/si --sft-conf conf/sft-alpaca.yaml --base models/llama"
    })
final class StageCommand extends CriaCommand {
  @Parameters(
      paramLabel = "NAME",
      description = "generate, classify, instances, dataset or shards.")
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

  @Mixin RunOptions options = new RunOptions();

  @Override
  ExitCode run() {
    logAsAsked();
    RunInputs inputs =
        conf == null
            ? options.fromRun(RunDirectory.at(run, Hadoop.configuration()))
            : options.fromFile(conf);
    SparkSession spark = Sessions.open(name + " " + run, inputs.config());
    ConsoleProgress progress = ConsoleProgress.on(err());
    Runner runner = new Runner(spark, run, progress, Clock.systemUTC());
    if (closeRound) {
      runner.closingRound();
    }
    if (retryRejected) {
      runner.retryingRejected();
    }
    out().println(outcome(runner, inputs));
    return ExitCode.DONE;
  }

  private String outcome(Runner runner, RunInputs inputs) {
    RunSummary summary = new RunSummary(runner.directory());
    if (name.equals(ShardStage.DIRECTORY)) {
      return summary.text(runner.runBeside(inputs, shards()));
    }
    return Runner.hasStage(inputs, name)
        ? summary.text(runner.runStage(inputs, name))
        : summary.without(name, inputs.config().recipe());
  }

  private ShardStage shards() {
    if (sftConf == null) {
      throw CriaException.badInput(
          "stage shards: which model is not said: give --sft-conf, for example"
              + " conf/sft-quickstart.yaml");
    }
    SftRunFile file = SftRunFile.read(sftConf, Map.of());
    try (ModelTokenizer tokenizer = BaseModel.tokenizer(BaseModel.find(file, base))) {
      TemplateSource template = file.templateSource();
      template.notice(tokenizer).ifPresent(this::say);
      return new ShardStage(tokenizer, template, file.shards().plan());
    }
  }
}
