package io.cria.cli;

import io.cria.pipeline.RunRecord;
import io.cria.pipeline.Sessions;
import io.cria.sql.RecordedRule;
import io.cria.sql.RunViews;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.text.Tokenizer;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cria show RUN [ID] [--grep TEXT] [--reason REASON] [--rejected]}. */
@Command(
    description = {
      "Shows examples of a run, each with where it came from: instance, candidate, answer, request,",
      "demonstrations. Which ones are shown is a fixed sample.",
      "",
      "With an ID, of a request, answer, candidate, instance, example or seed task: all that there",
      "is of it. The first letters are enough where no other id begins so. A text that was rejected",
      "as similar stands beside its neighbour, with the words marked that they have in common."
    },
    footer = {
      "",
      "Examples:",
      "  cria show runs/quickstart",
      "  cria show runs/quickstart --rejected --limit 20",
      "  cria show runs/quickstart --reason similar",
      "  cria show runs/quickstart --grep recipe",
      "  cria show runs/quickstart 3f9a"
    })
final class ShowCommand extends CriaCommand {
  @Parameters(index = "0", paramLabel = "RUN", description = "The run's directory.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  String run;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "ID",
      description = "An id of the run's tables, or its first letters.")
  @Nullable String id;

  @Option(
      names = {"--limit", "--n"},
      defaultValue = "5",
      paramLabel = "N",
      description = "How many (${DEFAULT-VALUE}).")
  int limit;

  @Option(names = "--rejected", description = "What was not kept and why, every reason in turn.")
  boolean rejected;

  @Option(
      names = "--reason",
      paramLabel = "REASON",
      defaultValue = "",
      description = "What was rejected for that reason.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  String reason;

  @Option(
      names = "--grep",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "What has this in its texts, kept or rejected; case does not count.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  String grep;

  @Override
  ExitCode run() {
    if (limit < 1) {
      throw CriaException.badInput("--limit " + limit + ": give at least 1");
    }
    if (id != null && (rejected || !reason.isEmpty() || !grep.isEmpty())) {
      throw CriaException.badInput(
          "show: an ID names what is shown, "
              + id
              + ": leave it out with --rejected, --reason and --grep");
    }
    SparkSession spark = starting(() -> Sessions.open("show"));
    LogLevel.apply(spark, verbose);
    RunDirectory directory = RunDirectory.at(run, spark.sparkContext().hadoopConfiguration());
    RunViews.register(spark, directory, this::say);
    spark.sparkContext().setJobDescription("cria: show");
    out().print(shown(spark, directory));
    return ExitCode.DONE;
  }

  private String shown(SparkSession spark, RunDirectory directory) {
    Terminal terminal = terminal();
    Paint paint = terminal.paint();
    Map<String, Object> identity =
        RunRecord.read(directory).map(RunRecord::identity).orElse(Map.of());
    SideBySide similar =
        new SideBySide(terminal, Tokenizer.named(RecordedRule.tokenizer(identity)));
    if (id != null) {
      return ShownId.render(spark, run, RunId.of(spark, run, id), paint, similar);
    }
    if (rejected || !reason.isEmpty()) {
      return Rejected.render(spark, limit, grep, reason, paint, similar);
    }
    if (grep.isEmpty()) {
      return Lineage.render(spark, limit, paint);
    }
    String kept = Lineage.having(spark, limit, grep, paint);
    return (kept.isEmpty() ? "nothing kept has '" + grep + "'\n" : kept)
        + "\n"
        + Rejected.render(spark, limit, grep, "", paint, similar);
  }
}
