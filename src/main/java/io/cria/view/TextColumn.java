package io.cria.view;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Texts by row, one behind the other in a temporary file. Written by one thread, then read by any
 * number.
 */
final class TextColumn implements Closeable {
  private static final int BUFFER_BYTES = 1 << 20;

  private final FileChannel file;
  private @Nullable ByteBuffer unwritten = ByteBuffer.allocate(BUFFER_BYTES);

  /** Where each text ends. */
  private long[] ends = new long[1024];

  private int rows;
  private long bytes;

  /**
   * @param path of a file that is not there yet; it is gone once this is closed
   */
  TextColumn(Path path) {
    try {
      file =
          FileChannel.open(
              path,
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** Adds the text of the next row; null is an empty one. */
  void add(@Nullable String text) {
    byte[] encoded = text == null ? new byte[0] : text.getBytes(StandardCharsets.UTF_8);
    if (rows == ends.length) {
      ends = Arrays.copyOf(ends, rows * 2);
    }
    bytes += encoded.length;
    ends[rows++] = bytes;
    ByteBuffer buffer = unwritten;
    if (buffer == null) {
      throw new IllegalStateException("the column is complete");
    }
    if (encoded.length > buffer.remaining()) {
      flush(buffer);
    }
    if (encoded.length > buffer.remaining()) {
      write(ByteBuffer.wrap(encoded));
    } else {
      buffer.put(encoded);
    }
  }

  /** All rows are added. */
  void complete() {
    ByteBuffer buffer = unwritten;
    if (buffer != null) {
      flush(buffer);
    }
    unwritten = null;
    ends = Arrays.copyOf(ends, rows);
  }

  private void flush(ByteBuffer buffer) {
    buffer.flip();
    write(buffer);
    buffer.clear();
  }

  private void write(ByteBuffer buffer) {
    try {
      while (buffer.hasRemaining()) {
        int unused = file.write(buffer);
      }
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private long start(int row) {
    return row == 0 ? 0 : ends[row - 1];
  }

  String get(int row) {
    Slice slice = slice(row, row + 1);
    return new String(slice.bytes, StandardCharsets.UTF_8);
  }

  /** The bytes of rows {@code [from, to)}. */
  Slice slice(int from, int to) {
    long start = start(from);
    byte[] read = new byte[Math.toIntExact((to == 0 ? 0 : ends[to - 1]) - start)];
    ByteBuffer buffer = ByteBuffer.wrap(read);
    try {
      while (buffer.hasRemaining()) {
        if (file.read(buffer, start + buffer.position()) < 0) {
          throw new IOException("it is shorter than it was");
        }
      }
    } catch (IOException e) {
      throw failed(e);
    }
    return new Slice(read, start);
  }

  /** Texts of some rows in memory. */
  final class Slice {
    private final byte[] bytes;
    private final long start;

    private Slice(byte[] bytes, long start) {
      this.bytes = bytes;
      this.start = start;
    }

    /** Whether the text of a row that is in this slice holds it. */
    boolean holds(int row, Needle needle) {
      return needle.isIn(
          bytes, (int) (TextColumn.this.start(row) - start), (int) (ends[row] - start));
    }
  }

  /** Bytes of the texts of rows {@code [from, to)}. */
  long bytes(int from, int to) {
    return to == from ? 0 : ends[to - 1] - start(from);
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private static UncheckedIOException failed(IOException e) {
    return new UncheckedIOException(
        "the temporary file of a table's texts fails ("
            + e.getMessage()
            + "): give room, or another folder by CRIA_JAVA_OPTS=-Djava.io.tmpdir=DIR",
        e);
  }
}
