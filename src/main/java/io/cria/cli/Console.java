package io.cria.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;

/**
 * Standard output and error of this process, in UTF-8 whatever the locale. Where the launcher has
 * told a terminal that it starts, the first thing that is written takes that line off. After the
 * last word nothing is said any more: what a process that is being ended would complain of is its
 * end. What a write to standard output fails of is told to the writer.
 */
final class Console {
  private static final String CLEAR = "\r\u001b[K";

  private final PrintStream errStream;
  private final Writer out;
  private final PrintWriter err;
  private boolean announced;
  private boolean silent;

  /**
   * @param announced whether the launcher has left a line on the terminal
   */
  Console(OutputStream out, PrintStream err, boolean announced) {
    this.errStream = err;
    this.announced = announced;
    this.out = new Watched(utf8(out));
    this.err = new PrintWriter(new Watched(utf8(err)), true);
  }

  /** This process's own; what libraries write goes there, too. */
  static Console ofProcess() {
    OutputStream out = new FileOutputStream(FileDescriptor.out);
    System.setOut(stream(out));
    System.setErr(stream(new FileOutputStream(FileDescriptor.err)));
    return new Console(out, System.err, Boolean.getBoolean("cria.starting"));
  }

  private static PrintStream stream(OutputStream to) {
    return new PrintStream(to, true, StandardCharsets.UTF_8);
  }

  private static Writer utf8(OutputStream stream) {
    return new OutputStreamWriter(stream, StandardCharsets.UTF_8);
  }

  Writer out() {
    return out;
  }

  PrintWriter err() {
    return err;
  }

  /** A line on standard error, and none after it. */
  void lastWord(String line) {
    err.println(line);
    err.flush();
    synchronized (this) {
      silent = true;
    }
  }

  private synchronized boolean begin() {
    if (announced) {
      announced = false;
      errStream.print(CLEAR);
      errStream.flush();
    }
    return !silent;
  }

  private final class Watched extends FilterWriter {
    Watched(Writer to) {
      super(to);
    }

    @Override
    public void write(int c) throws IOException {
      if (begin()) {
        out.write(c);
      }
    }

    @Override
    public void write(char[] buffer, int from, int length) throws IOException {
      if (begin()) {
        out.write(buffer, from, length);
      }
    }

    @Override
    public void write(String text, int from, int length) throws IOException {
      if (begin()) {
        out.write(text, from, length);
      }
    }
  }
}
