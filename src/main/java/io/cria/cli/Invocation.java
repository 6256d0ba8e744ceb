package io.cria.cli;

import io.cria.pipeline.Outcome;
import java.io.FilterWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;

/**
 * A call of the program on a run whose output and exit code are lost to whoever submitted it, as in
 * a cluster's deploy mode. It hears what the command says, and leaves it in the run's directory.
 * Commands that nobody submitted so, or that name no run, are as ever.
 */
final class Invocation {
  private static final String RUN = "--run";

  /** These name their run by their first word, and not by an option. */
  private static final Set<String> NAMED_FIRST = Set.of("train", "review");

  private static final Set<String> FLAGS =
      Set.of(
          "--verbose",
          "-v",
          "--help",
          "-h",
          "--yes",
          "--dry-run",
          "--close-round",
          "--retry-rejected");

  private final String name;
  private final String directory;
  private final StringWriter text = new StringWriter();
  private String line = "";

  private Invocation(String name, String directory) {
    this.name = name;
    this.directory = directory;
  }

  /**
   * @param name of the invocation; empty where nobody waits for its outcome
   * @param args of the command; not parsed yet, since that may fail too
   */
  static Optional<Invocation> of(String name, String... args) {
    if (name.isEmpty()) {
      return Optional.empty();
    }
    Optional<String> run =
        args.length > 0 && NAMED_FIRST.contains(args[0]) ? firstWord(args) : afterOption(args);
    return run.map(directory -> new Invocation(name, directory));
  }

  private static Optional<String> afterOption(String... args) {
    for (int i = 0; i < args.length; i++) {
      if (args[i].startsWith(RUN + "=")) {
        return Optional.of(args[i].substring(RUN.length() + 1));
      }
      if (args[i].equals(RUN) && i + 1 < args.length) {
        return Optional.of(args[i + 1]);
      }
    }
    return Optional.empty();
  }

  /** The first argument of a command that is no option and no option's value. */
  private static Optional<String> firstWord(String... args) {
    for (int i = 1; i < args.length; i++) {
      if (!args[i].startsWith("-")) {
        return Optional.of(args[i]);
      }
      if (!args[i].contains("=") && !FLAGS.contains(args[i])) {
        i++;
      }
    }
    return Optional.empty();
  }

  /** Standard output, heard. */
  Writer heard(Writer out) {
    return new Hearing(out);
  }

  /** Hears the error's one line. */
  void failed(String told) {
    line = told;
  }

  /** Leaves the outcome, as well as it can: where it cannot, the log is all there is. */
  void ended(int code, PrintWriter err) {
    try {
      Outcome.leave(directory, name, code, line, text.toString(), Clock.systemUTC());
    } catch (RuntimeException | Error e) {
      err.println(
          "cria: the outcome of "
              + name
              + " is not left in the run's directory ("
              + Failure.of(e).line()
              + "): this log has it");
    }
  }

  private final class Hearing extends FilterWriter {
    Hearing(Writer out) {
      super(out);
    }

    @Override
    public void write(int c) throws IOException {
      out.write(c);
      text.write(c);
    }

    @Override
    public void write(char[] buffer, int from, int length) throws IOException {
      out.write(buffer, from, length);
      text.write(buffer, from, length);
    }

    @Override
    public void write(String string, int from, int length) throws IOException {
      out.write(string, from, length);
      text.write(string, from, length);
    }
  }
}
