package io.cria.cli;

import io.cria.task.ExitCode;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
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

  /** A line for the user that is no result. */
  void say(String message) {
    err().println("cria: " + message);
  }
}
