package io.cria.cli;

import io.cria.pipeline.DryRun;
import io.cria.pipeline.RunInputs;
import io.cria.pipeline.RunStatus;
import io.cria.pipeline.Runner;
import io.cria.pipeline.Sessions;
import io.cria.sql.RunViews;
import io.cria.storage.Hadoop;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cria run CONF --run DIR}. */
@Command(
    description = {
      "Every stage of a recipe, from seed tasks to the dataset. Given again, it goes on where it"
          + " stopped;",
      "when all is done it does nothing."
    },
    footer = {
      "",
      "Examples:",
      "  cria run conf/quickstart.yaml --run runs/first",
      "  cria run conf/self-instruct.yaml --run runs/si --model gpt-4.1-mini --target 500",
      "  cria run conf/alpaca.yaml --run runs/a --base-url http://127.0.0.1:8000/v1 --model"
          + " my-model"
    })
final class RunCommand extends CriaCommand {
  @Parameters(paramLabel = "CONF", description = "Run file, for example conf/quickstart.yaml.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  String conf;

  @Option(
      names = "--run",
      required = true,
      paramLabel = "DIR",
      description = "The run's directory.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  String run;

  @Option(names = "--yes", description = "Spend without asking first.")
  boolean yes;

  @Option(
      names = "--show",
      paramLabel = "N",
      defaultValue = "0",
      description = "Show N examples at the end, as cria show does.")
  int show;

  @Option(
      names = "--close-round",
      description =
          "Commit unfinished rounds with the answers they have; what was not sent is recorded as"
              + " such, and not asked any more. What was not begun is done as ever.")
  boolean closeRound;

  @Option(names = "--retry-rejected", description = RunOptions.RETRY_REJECTED)
  boolean retryRejected;

  @Mixin RunOptions options = new RunOptions();

  @Override
  ExitCode run() {
    logAsAsked();
    RunInputs inputs = options.fromFile(conf);
    if (RunOptions.mayCost(inputs.config()) && !yes && maySend(inputs)) {
      ask(inputs);
    }
    SparkSession spark = Sessions.open(inputs.config().recipe() + " " + run, inputs.config());
    ConsoleProgress progress = ConsoleProgress.on(err());
    Runner runner = new Runner(spark, run, progress, Clock.systemUTC());
    if (closeRound) {
      runner.closingRound();
    }
    if (retryRejected) {
      runner.retryingRejected();
    }
    boolean worked = runner.runAll(inputs);
    if (show > 0) {
      RunViews.register(spark, runner.directory());
      out().println(Lineage.render(spark, show));
    }
    out().println(new RunSummary(runner.directory()).text(worked));
    return ExitCode.DONE;
  }

  /**
   * A run that ended well with this very configuration has nothing left to send, unless what failed
   * in it is to be asked again.
   */
  private boolean maySend(RunInputs inputs) {
    return retryRejected || !isFinished(inputs);
  }

  private boolean isFinished(RunInputs inputs) {
    RunDirectory directory = RunDirectory.at(run, Hadoop.configuration());
    return RunStatus.read(directory).filter(RunStatus::isDone).isPresent()
        && RunInputs.fromRun(directory, Map.of()).config().equals(inputs.config());
  }

  private void ask(RunInputs inputs) {
    err().println(new DryRun(inputs, LocalDate.now(ZoneOffset.UTC)).text());
    err().print("Spend this at " + inputs.config().endpoint().baseUrl() + "? [y/N] ");
    err().flush();
    String answer = line();
    err().println();
    if (!answer.strip().equalsIgnoreCase("y") && !answer.strip().equalsIgnoreCase("yes")) {
      throw new CriaException(
          ExitCode.BAD_INPUT, "run: not confirmed, nothing was sent: answer y, or give --yes");
    }
  }

  private static String line() {
    try {
      String line =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
      return line == null ? "" : line;
    } catch (IOException e) {
      throw new UncheckedIOException("standard input cannot be read", e);
    }
  }
}
