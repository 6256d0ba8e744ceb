package io.cria.cli;

import io.cria.config.Operation;
import io.cria.pipeline.RunInputs;
import io.cria.pipeline.Runner;
import io.cria.pipeline.Sessions;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cria export RUN [--format …]}. */
@Command(
    description = {
      "Writes the files of RUN/dataset anew from the run's tables; nothing is asked. Parquet and the card are",
      "always among them."
    },
    footer = {
      "",
      "Examples:",
      "  cria export runs/si --format alpaca,chat",
      "  cria export runs/si --include-seeds"
    })
final class ExportCommand extends CriaCommand {
  @Parameters(paramLabel = "RUN", description = "The run's directory.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  String run;

  @Option(
      names = "--format",
      split = ",",
      paramLabel = "FORMAT",
      description = "parquet, alpaca, self-instruct, prompt-completion, chat; all when left out.")
  List<String> formats = Operation.EXPORTS;

  @Option(names = "--include-seeds", description = "The seed tasks are examples too.")
  boolean includeSeeds;

  @Override
  ExitCode run() {
    for (String format : formats) {
      if (!Operation.EXPORTS.contains(format)) {
        throw CriaException.badInput(
            "--format " + format + ": known are " + String.join(", ", Operation.EXPORTS));
      }
    }
    SparkSession spark = Sessions.open("export " + run);
    LogLevel.apply(spark, verbose);
    Runner runner = new Runner(spark, run, ConsoleProgress.on(err()), Clock.systemUTC());
    boolean worked = runner.runStage(inputs(runner.directory()), "dataset");
    out().println(new RunSummary(runner.directory()).text(worked));
    return ExitCode.DONE;
  }

  private RunInputs inputs(RunDirectory directory) {
    Map<String, String> overrides = new LinkedHashMap<>();
    overrides.put("exports", "[" + String.join(", ", formats) + "]");
    overrides.put("includeSeeds", String.valueOf(includeSeeds));
    return RunInputs.fromRun(directory, overrides);
  }
}
