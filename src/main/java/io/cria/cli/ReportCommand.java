package io.cria.cli;

import io.cria.pipeline.Sessions;
import io.cria.report.RunReport;
import io.cria.storage.Hadoop;
import io.cria.storage.Location;
import io.cria.storage.RunDirectory;
import io.cria.storage.WholeFile;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cria report RUN [--output FILE] [--most-compared N] [--evaluation DIR]…}. */
@Command(
    description = {
      "Writes RUN/report.html: what a run made, rejected, spent and looks like, in",
      "one file that needs nothing else. What is most alike to each instruction, and",
      "what each is about, is computed once and kept, as the tables neighbours and",
      "traits. A run at work may be reported."
    },
    footer = {
      "",
      "Examples:",
      "  cria report runs/quickstart",
      "  cria report hdfs:///data/si --output si.html",
      "  cria report runs/si --evaluation compared"
    })
final class ReportCommand extends CriaCommand {
  private static final String TITLE_END = "· Cria report</title>";
  private static final int HEAD_BYTES = 8192;

  @Parameters(paramLabel = "RUN", description = "The run's directory.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  String run;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description =
          "Where to write it; RUN/report.html when left out. Of files that are there it replaces"
              + " reports of Cria's alone.")
  @Nullable String output;

  @Option(names = "--force", description = "Replace FILE whatever it is.")
  boolean force;

  @Option(
      names = "--most-compared",
      paramLabel = "N",
      defaultValue = "1000000",
      description =
          "Up to so many instructions the most alike are computed (${DEFAULT-VALUE}); their texts"
              + " are held in memory.")
  long mostCompared;

  @Option(
      names = "--evaluation",
      paramLabel = "DIR",
      description =
          "Shows what this evaluation found, too: the directory of an ended cria evaluate, such as"
              + " one of a model that was trained on this run. May be given several times.")
  List<String> evaluations = List.of();

  @Override
  ExitCode run() {
    if (mostCompared < 0) {
      throw CriaException.badInput("--most-compared " + mostCompared + ": give at least 0");
    }
    RunDirectory directory = LineDirectory.at(run);
    if (output != null && !force) {
      requireNewOrReport(Location.toWrite(output, Hadoop.configuration()));
    }
    SparkSession spark = starting(() -> Sessions.open("report"));
    LogLevel.apply(spark, verbose);
    List<RunDirectory> evaluated =
        evaluations.stream()
            .map(path -> RunDirectory.at(path, spark.sparkContext().hadoopConfiguration()))
            .toList();
    RunReport report =
        new RunReport(spark, directory, Clock.systemUTC(), this::say).with(evaluated);
    String html = report.html(mostCompared);
    if (output == null) {
      directory.replace(RunReport.FILE, html);
      out().println(PlainPaths.in(directory.path(RunReport.FILE)));
    } else {
      write(Location.toWrite(output, spark.sparkContext().hadoopConfiguration()), html);
      out().println(output);
    }
    return ExitCode.DONE;
  }

  private static void requireNewOrReport(Location file) {
    if (file.exists() && !isReport(file)) {
      NewFile.require(file);
    }
  }

  /** By the title, which stands at its beginning. */
  private static boolean isReport(Location file) {
    try (InputStream in = file.open()) {
      return new String(in.readNBytes(HEAD_BYTES), StandardCharsets.UTF_8).contains(TITLE_END);
    } catch (IOException e) {
      throw file.unreadable("give --force, or another name", e);
    }
  }

  private static void write(Location file, String html) {
    try (WholeFile whole = file.create()) {
      whole.stream().write(html.getBytes(StandardCharsets.UTF_8));
      whole.stream().close();
      whole.commit();
    } catch (IOException e) {
      throw new CriaException(
          ExitCode.BAD_INPUT,
          "--output "
              + file
              + ": cannot be written ("
              + e.getMessage()
              + "): give a file that you may write to, in a folder that is there",
          e);
    }
  }
}
