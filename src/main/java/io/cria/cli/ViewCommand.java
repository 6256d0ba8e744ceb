package io.cria.cli;

import io.cria.pipeline.Sessions;
import io.cria.storage.RunDirectory;
import io.cria.task.ExitCode;
import io.cria.view.ViewPage;
import io.cria.view.ViewedRun;
import java.time.Clock;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cria view RUN}: until it is stopped. */
@Command(
    description = {
      "Opens a page on this machine for looking through a run: examples, candidates,",
      "pool and instances, searched and filtered by reason, round, kind and verdict,",
      "each with all it came from. Nothing is changed. The address is printed on",
      "standard output; Ctrl-C ends it."
    },
    footer = {"", "Examples:", "  cria view runs/quickstart", "  cria view runs/si --port 8090"})
final class ViewCommand extends CriaCommand {
  @Parameters(paramLabel = "RUN", description = "The run's directory.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  String run;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "0",
      description = "Where it listens; 0 for any free port, the default.")
  int port;

  @Override
  ExitCode run() {
    RunDirectory directory = LineDirectory.at(run);
    SparkSession spark = starting(() -> Sessions.open("view " + run));
    LogLevel.apply(spark, verbose);
    ViewedRun viewed = new ViewedRun(spark, directory, Clock.systemUTC());
    return ServedPage.untilEnded(
        this, new ViewPage(viewed, run).routes(), port, "viewing " + run, viewed::close);
  }
}
