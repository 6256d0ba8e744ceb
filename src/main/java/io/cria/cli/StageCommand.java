package io.cria.cli;

import io.cria.pipeline.RunInputs;
import io.cria.pipeline.Runner;
import io.cria.pipeline.Sessions;
import io.cria.task.ExitCode;
import java.nio.file.Path;
import java.time.Clock;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cria stage NAME --run DIR}. */
@Command(
    description = {
      "One stage of a run, for a scheduler: generate, classify, instances or dataset. Asks nothing;"
          + " set caps in",
      "the run file. A new run needs --conf once; after that the run directory knows its"
          + " configuration."
    },
    footer = {
      "",
      "Examples:",
      "  cria stage generate --run runs/si --conf conf/self-instruct.yaml",
      "  cria stage classify --run runs/si"
    })
final class StageCommand extends CriaCommand {
  @Parameters(paramLabel = "NAME", description = "generate, classify, instances or dataset.")
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
  @Nullable Path conf;

  @Option(
      names = "--close-round",
      description =
          "Commit an unfinished round with the answers it has; what was not sent is recorded as such.")
  boolean closeRound;

  @Mixin RunOptions options = new RunOptions();

  @Override
  ExitCode run() {
    logAsAsked();
    SparkSession spark = Sessions.open(name + " " + run);
    ConsoleProgress progress = ConsoleProgress.on(err());
    Runner runner = new Runner(spark, run, progress, Clock.systemUTC());
    if (closeRound) {
      runner.closingRound();
    }
    RunInputs inputs = conf == null ? options.fromRun(runner.directory()) : options.fromFile(conf);
    boolean worked = runner.runStage(inputs, name);
    out().println(new RunSummary(runner.directory()).text(worked));
    return ExitCode.DONE;
  }
}
