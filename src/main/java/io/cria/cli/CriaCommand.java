package io.cria.cli;

import io.cria.task.ExitCode;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What all commands have. */
abstract class CriaCommand implements Callable<Integer> {
  /** Level of the libraries' log on standard error; conf/log4j2.properties reads it. */
  static final String LOG_LEVEL = "cria.log.level";

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  CommandSpec spec;

  @Option(
      names = {"-v", "--verbose"},
      scope = picocli.CommandLine.ScopeType.INHERIT,
      description = "Show the libraries' log, and the stack trace of a failure.")
  boolean verbose;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = picocli.CommandLine.ScopeType.INHERIT,
      description = "Show this text.")
  boolean help;

  @Option(
      names = "--color",
      paramLabel = "WHEN",
      defaultValue = "auto",
      scope = picocli.CommandLine.ScopeType.INHERIT,
      description =
          "auto, always or never: auto colours on a terminal, unless NO_COLOR is set"
              + " (${DEFAULT-VALUE}).")
  ColourWhen color = ColourWhen.AUTO;

  /** Does the work. Failures are exceptions. */
  abstract ExitCode run();

  @Override
  public final Integer call() {
    logAsAsked();
    return outcome(run());
  }

  /** For commands of commands. */
  static Integer outcome(ExitCode code) {
    return code.code();
  }

  void logAsAsked() {
    if (verbose) {
      System.setProperty(LOG_LEVEL, "info");
    }
  }

  PrintWriter out() {
    return spec.commandLine().getOut();
  }

  PrintWriter err() {
    return spec.commandLine().getErr();
  }

  /** What this writes to. */
  Terminal terminal() {
    return Terminal.of(color, System.getenv());
  }

  /**
   * Opens a Spark session, which takes seconds. A person before a terminal is told so meanwhile; a
   * log is not, since nothing has happened yet. The type is not named: half of the commands have no
   * Spark on their class path.
   */
  <T> T starting(Supplier<T> session) {
    LiveLine line = LiveLine.on(err(), Clock.systemUTC());
    line.draw(columns -> "starting Spark …");
    try {
      return session.get();
    } finally {
      line.clear();
    }
  }

  /** A line for the user that is no result. */
  void say(String message) {
    err().println("cria: " + Visible.of(PlainPaths.in(message)));
  }
}
