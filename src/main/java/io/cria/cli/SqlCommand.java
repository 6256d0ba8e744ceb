package io.cria.cli;

import io.cria.pipeline.Sessions;
import io.cria.sql.ReadOnly;
import io.cria.sql.RunViews;
import io.cria.sql.Statements;
import io.cria.storage.Hadoop;
import io.cria.storage.Location;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.util.List;
import java.util.Set;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cria sql RUN -e "…"}. */
@Command(
    description = {
      "Runs Spark SQL over a run's tables, each under its name: seeds, requests, ledger,",
      "candidates, pool, classified, instances, examples. Only queries: nothing is changed."
    },
    footer = {
      "",
      "Examples:",
      "  cria sql runs/quickstart -e \"select reason, count(*) from candidates group by reason\"",
      "  cria sql runs/quickstart -f jobs/sql/yield.sql --format csv",
      "  cria sql runs/quickstart -f jobs/sql/rejected.sql",
      "  cria sql runs/quickstart --vertical --rows 3 -e \"select * from candidates\"",
      "  cria sql runs/quickstart -e \"describe ledger\""
    })
final class SqlCommand extends CriaCommand {
  /** SQLSTATEs of a table and of a column that is not there. */
  private static final Set<String> UNKNOWN_NAMES = Set.of("42P01", "42703");

  @Parameters(paramLabel = "RUN", description = "The run's directory.")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  String run;

  @ArgGroup(multiplicity = "1")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  Source source;

  @Option(
      names = "--format",
      defaultValue = "table",
      description = "table, jsonl, csv or md, a Markdown table (${DEFAULT-VALUE}).")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  ResultPrinter.Format format;

  @Option(
      names = "--rows",
      defaultValue = "100",
      paramLabel = "N",
      description = "Rows of a table that are shown (${DEFAULT-VALUE}).")
  int rows;

  @Option(
      names = "--full",
      description =
          "Do not cut the cells of a table at the terminal's edge; what is piped never is.")
  boolean full;

  @Option(names = "--vertical", description = "A table has a line for each column of a row.")
  boolean vertical;

  /** One of the two. */
  static final class Source {
    @Option(names = "-e", paramLabel = "SQL", description = "Statements, divided by semicolons.")
    @Nullable String text;

    @Option(names = "-f", paramLabel = "FILE", description = "A file of statements.")
    @Nullable String file;
  }

  @Override
  ExitCode run() {
    String script = script();
    List<String> statements = Statements.split(script);
    if (statements.isEmpty()) {
      throw CriaException.badInput("no statement, " + where() + ": give at least one");
    }
    statements.stream()
        .filter(statement -> !ReadOnly.is(statement))
        .findFirst()
        .ifPresent(this::refuse);
    if (vertical && format != ResultPrinter.Format.TABLE) {
      throw CriaException.badInput("--vertical is of a table: leave it out, or --format");
    }
    if (rows < 1) {
      throw CriaException.badInput("--rows " + rows + ": give at least 1");
    }
    SparkSession spark = starting(() -> Sessions.open("sql"));
    LogLevel.apply(spark, verbose);
    RunDirectory directory = RunDirectory.at(run, spark.sparkContext().hadoopConfiguration());
    RunViews.register(spark, directory, this::say);
    statements.forEach(statement -> execute(spark, directory, statement));
    return ExitCode.DONE;
  }

  /** A statement that gives no rows would be silent, and the tables are the stages' to write. */
  private void refuse(String statement) {
    throw CriaException.badInput(
        "only queries run here, "
            + where()
            + " ("
            + shown(statement)
            + "): give "
            + ReadOnly.ALLOWED);
  }

  private static String shown(String statement) {
    return TextTable.cut(TextTable.oneLine(statement), 40);
  }

  private String where() {
    return source.file == null ? "-e" : source.file;
  }

  private String script() {
    if (source.file == null) {
      return String.valueOf(source.text);
    }
    return Location.of(source.file, Hadoop.configuration()).text("give a file of SQL in UTF-8");
  }

  private void execute(SparkSession spark, RunDirectory directory, String statement) {
    spark.sparkContext().setJobDescription("cria: sql");
    try {
      Dataset<Row> result = spark.sql(statement);
      if (result.columns().length > 0) {
        new ResultPrinter(out(), terminal(), rows, full, vertical, this::say).print(result, format);
      }
    } catch (Exception e) {
      throw explained(e, directory, statement);
    }
  }

  /**
   * What Spark has a name for, such as an unknown table, lies in the statement; nothing else does.
   */
  private RuntimeException explained(Exception e, RunDirectory directory, String statement) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof SparkThrowable named
          && named.getCondition() != null
          && !named.isInternalError()) {
        String tables =
            UNKNOWN_NAMES.contains(String.valueOf(named.getSqlState()))
                ? " The tables are " + String.join(", ", RunViews.names(directory))
                : "";
        return refused(cause, statement, tables);
      }
    }
    return e instanceof RuntimeException runtime ? runtime : new IllegalStateException(e);
  }

  private CriaException refused(Throwable cause, String statement, String tables) {
    String what =
        String.valueOf(cause.getMessage())
            .lines()
            .filter(line -> !line.isBlank())
            .findFirst()
            .orElse("");
    return new CriaException(
        ExitCode.BAD_INPUT,
        "the statement is refused, " + where() + " (" + shown(statement) + "): " + what + tables,
        cause);
  }
}
