package io.cria.llm;

import java.io.IOException;
import java.io.InputStream;

/** Cuts a segment into its lines. After {@link #next}, the line stands in {@link #array}. */
final class SegmentLines {
  private static final int BLOCK = 1 << 16;

  private final InputStream in;
  private byte[] buffer = new byte[BLOCK];
  private int start;
  private int end;
  private int filled;
  private long offset;
  private boolean terminated;

  SegmentLines(InputStream in) {
    this.in = in;
  }

  /** Goes to the next line, be it empty; false at the end of the segment. */
  boolean next() throws IOException {
    int from = terminated ? end + 1 : end;
    offset += from - start;
    start = from;
    int searched = start;
    while (true) {
      for (; searched < filled; searched++) {
        if (buffer[searched] == '\n') {
          end = searched;
          terminated = true;
          return true;
        }
      }
      int kept = searched - start;
      if (!fill()) {
        end = filled;
        terminated = false;
        return end > start;
      }
      searched = start + kept;
    }
  }

  /** Reads on behind what is kept from {@link #start}, which moves to the front when room ends. */
  private boolean fill() throws IOException {
    if (filled == buffer.length) {
      int kept = filled - start;
      byte[] target =
          kept > buffer.length / 2
              ? new byte[(int) Math.min(Integer.MAX_VALUE - 8, buffer.length * 2L)]
              : buffer;
      if (kept == target.length) {
        throw new IOException("a line of more than 2 GiB");
      }
      System.arraycopy(buffer, start, target, 0, kept);
      buffer = target;
      start = 0;
      filled = kept;
    }
    int read = in.read(buffer, filled, buffer.length - filled);
    filled += Math.max(0, read);
    return read >= 0;
  }

  /** Whether the line ends with a line feed. */
  boolean isTerminated() {
    return terminated;
  }

  /** Bytes of the segment before the line. */
  long offset() {
    return offset;
  }

  /** What holds the line until the next call of {@link #next}. */
  byte[] array() {
    return buffer;
  }

  /** Where in {@link #array} the line begins. */
  int start() {
    return start;
  }

  /** Its bytes, without the line feed. */
  int length() {
    return end - start;
  }
}
