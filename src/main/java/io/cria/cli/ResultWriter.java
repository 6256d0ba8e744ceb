package io.cria.cli;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.Writer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Standard output, which remembers why a write to it failed: a {@link java.io.PrintWriter} above it
 * knows no more than that one did. After a failure nothing more is written, so that no output has a
 * hole.
 */
final class ResultWriter extends FilterWriter {
  private @Nullable IOException failure;

  ResultWriter(Writer out) {
    super(out);
  }

  /** The first failure. */
  synchronized Optional<IOException> failure() {
    return Optional.ofNullable(failure);
  }

  @Override
  public void write(int c) throws IOException {
    write(() -> out.write(c));
  }

  @Override
  public void write(char[] buffer, int from, int length) throws IOException {
    write(() -> out.write(buffer, from, length));
  }

  @Override
  public void write(String text, int from, int length) throws IOException {
    write(() -> out.write(text, from, length));
  }

  @Override
  public void flush() throws IOException {
    write(out::flush);
  }

  private interface Write {
    void run() throws IOException;
  }

  private synchronized void write(Write write) throws IOException {
    if (failure != null) {
      throw new IOException("standard output has failed before", failure);
    }
    try {
      write.run();
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }
}
