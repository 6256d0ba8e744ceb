package io.cria.cli;

import io.cria.pipeline.DryRun;
import io.cria.pipeline.RunInputs;
import io.cria.pipeline.RunStatus;
import io.cria.pipeline.Runner;
import io.cria.pipeline.Sessions;
import io.cria.sql.RunViews;
import io.cria.storage.Hadoop;
import io.cria.storage.RunDirectory;
import io.cria.task.ExitCode;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
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

  @Option(
      names = "--no-report",
      description = "Do not write RUN/report.html at the end, as with the key report: false.")
  boolean noReport;

  @Mixin EndpointChecks checks = new EndpointChecks();

  @Mixin RunOptions options = new RunOptions();

  @Override
  ExitCode run() {
    logAsAsked();
    RunInputs inputs = options.fromFile(conf);
    List<String> paid = RunOptions.paidAddresses(inputs.config());
    if (!paid.isEmpty() && maySend(inputs)) {
      RunDirectory directory = RunDirectory.at(run, Hadoop.configuration());
      checks.require(this, directory, RunOptions.asked(inputs.config()));
      if (!yes) {
        ask(inputs, String.join(", ", paid));
      }
    }
    SparkSession spark =
        starting(() -> Sessions.open(inputs.config().recipe() + " " + run, inputs.config()));
    ConsoleProgress progress = ConsoleProgress.on(err());
    Runner runner = new Runner(spark, run, progress, Clock.systemUTC());
    if (closeRound) {
      runner.closingRound();
    }
    if (retryRejected) {
      runner.retryingRejected();
    }
    boolean worked = worked(spark, runner, inputs);
    if (show > 0) {
      RunViews.register(spark, runner.directory(), this::say);
      out().println(Lineage.render(spark, show, terminal().paint()));
    }
    out().println(new RunSummary(runner.directory()).text(worked));
    return ExitCode.DONE;
  }

  private boolean worked(SparkSession spark, Runner runner, RunInputs inputs) {
    if (noReport || !inputs.config().report()) {
      return runner.runAll(inputs);
    }
    return new AutomaticReport(runner.directory(), err(), verbose)
        .after(spark, () -> runner.runAll(inputs));
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

  private void ask(RunInputs inputs, String addresses) {
    SpendQuestion.ask(
        err(), "run", new DryRun(inputs, LocalDate.now(ZoneOffset.UTC)).text(), addresses);
  }
}
