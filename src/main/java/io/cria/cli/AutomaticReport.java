package io.cria.cli;

import io.cria.report.RunReport;
import io.cria.storage.Commits;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.spark.sql.SparkSession;

/**
 * The report at the end of a run. The run is over and its outcome written: whatever becomes of the
 * report changes nothing of that.
 */
final class AutomaticReport {
  /**
   * More instructions are compared with one another by {@code cria report} alone: it takes long.
   */
  static final long MOST_COMPARED = 100_000;

  private static final String DATASET = "dataset";

  private final RunDirectory run;
  private final PrintWriter err;
  private final boolean verbose;

  AutomaticReport(RunDirectory run, PrintWriter err, boolean verbose) {
    this.run = run;
    this.err = err;
    this.verbose = verbose;
  }

  /**
   * Does the line's work and writes the report of what there is then: where a cap ended the line,
   * too.
   *
   * @param line returns whether there was anything to do
   * @return the same
   */
  boolean after(SparkSession spark, BooleanSupplier line) {
    boolean worked;
    try {
      worked = line.getAsBoolean();
    } catch (CriaException e) {
      if (e.exitCode() == ExitCode.CAP_REACHED) {
        write(spark, true);
      }
      throw e;
    }
    write(spark, worked);
    return worked;
  }

  /**
   * Writes it, where there is a dataset.
   *
   * @param worked whether the run had anything to do; where it had not, a report that is there
   *     stays
   */
  void write(SparkSession spark, boolean worked) {
    Consumer<String> say = line -> err.println("cria: " + line);
    try {
      if (new Commits(run).manifest(DATASET).isEmpty() || (!worked && run.exists(RunReport.FILE))) {
        return;
      }
      RunReport report = new RunReport(spark, run, Clock.systemUTC(), say);
      run.replace(RunReport.FILE, report.html(MOST_COMPARED));
      say.accept("report: " + PlainPaths.in(run.path(RunReport.FILE)));
    } catch (Exception | LinkageError | OutOfMemoryError e) {
      // Spark throws checked exceptions that its methods do not declare
      say.accept(
          "warning: the run is done, but its report was not written, "
              + PlainPaths.in(run.path(RunReport.FILE))
              + " ("
              + Failure.of(e).line()
              + "): cria report "
              + PlainPaths.in(run.root())
              + " writes it");
      if (verbose) {
        e.printStackTrace(err);
      }
    }
  }
}
