package io.cria.storage;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;

/**
 * A file that is being written and appears under its name when it is committed, in place of what
 * stood there. Closed without that, it leaves everything as it was.
 */
public abstract class WholeFile implements Closeable {
  WholeFile() {}

  /** Where to write to. To close it ends the writing, and commits nothing. */
  public abstract OutputStream stream();

  /** Puts what was written in its place. */
  public abstract void commit() throws IOException;

  /** Gives up what was not committed. */
  @Override
  public abstract void close() throws IOException;
}
