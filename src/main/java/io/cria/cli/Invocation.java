package io.cria.cli;

import io.cria.pipeline.Outcome;
import java.io.FilterWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.time.Clock;
import java.util.Optional;

/**
 * A call of the program on a run whose output and exit code are lost to whoever submitted it, as in
 * a cluster's deploy mode. It hears what the command says, and leaves it in the run's directory.
 * Commands that nobody submitted so, or without {@code --run}, are as ever.
 */
final class Invocation {
  private static final String RUN = "--run";

  /** A command that names its run first. */
  private static final String TRAIN = "train";

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
    if (args.length > 1 && args[0].equals(TRAIN) && !args[1].startsWith("-")) {
      return Optional.of(new Invocation(name, args[1]));
    }
    for (int i = 0; i < args.length; i++) {
      if (args[i].startsWith(RUN + "=")) {
        return Optional.of(new Invocation(name, args[i].substring(RUN.length() + 1)));
      }
      if (args[i].equals(RUN) && i + 1 < args.length) {
        return Optional.of(new Invocation(name, args[i + 1]));
      }
    }
    return Optional.empty();
  }

  /** Standard output, heard. */
  PrintWriter heard(PrintWriter out) {
    return new PrintWriter(new Hearing(out), true);
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
