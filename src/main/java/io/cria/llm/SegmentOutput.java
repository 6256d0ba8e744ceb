package io.cria.llm;

import java.io.Closeable;
import java.io.IOException;

/** An open segment. Used by one thread. */
public interface SegmentOutput extends Closeable {
  /** Appends the bytes. */
  void write(byte[] bytes) throws IOException;

  /** Makes what was written durable, where {@link #syncIsDurable}. */
  void sync() throws IOException;

  /**
   * Whether bytes survive a crash of this process once {@link #sync} has returned; else only once
   * closed.
   */
  boolean syncIsDurable();

  /** Ends the segment; what was written is durable when this returns. */
  @Override
  void close() throws IOException;
}
