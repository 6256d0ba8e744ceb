package io.cria.cli;

import io.cria.pipeline.Sessions;
import io.cria.sql.RunViews;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cria show RUN [--n 5] [--rejected]}. */
@Command(
    description = {
      "Shows examples of a run, each with where it came from: instance, candidate, answer,"
          + " request,",
      "demonstrations. With --rejected: what was not kept and why, every reason in turn.",
      "Which ones are shown is a fixed sample."
    },
    footer = {
      "",
      "Examples:",
      "  cria show runs/quickstart",
      "  cria show runs/quickstart --rejected --n 20"
    })
final class ShowCommand extends CriaCommand {
  @Parameters(paramLabel = "RUN", description = "The run's directory.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  String run;

  @Option(
      names = "--n",
      defaultValue = "5",
      paramLabel = "N",
      description = "How many (${DEFAULT-VALUE}).")
  int n;

  @Option(names = "--rejected", description = "What was not kept.")
  boolean rejected;

  @Override
  ExitCode run() {
    if (n < 1) {
      throw CriaException.badInput("--n " + n + ": give at least 1");
    }
    SparkSession spark = Sessions.open("show");
    LogLevel.apply(spark, verbose);
    RunViews.register(spark, RunDirectory.at(run, spark.sparkContext().hadoopConfiguration()));
    spark.sparkContext().setJobDescription("cria: show");
    String shown = rejected ? Rejected.render(spark, n) : Lineage.render(spark, n);
    out().print(shown);
    return ExitCode.DONE;
  }
}
