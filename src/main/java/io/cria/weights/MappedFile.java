package io.cria.weights;

import io.cria.task.CriaException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A whole file mapped read-only in windows of at most 1 GiB, because one mapping cannot pass 2 GiB.
 * Neighbouring windows overlap, so that no value or quantised block is ever cut by a window's edge.
 * The mapping is released with the object.
 */
final class MappedFile {
  private static final long STRIDE = 1L << 30;
  private static final int OVERLAP = 4096;

  private final Path path;
  private final long size;
  private final long stride;
  private final List<MappedByteBuffer> windows;

  private MappedFile(Path path, long size, long stride, List<MappedByteBuffer> windows) {
    this.path = path;
    this.size = size;
    this.stride = stride;
    this.windows = windows;
  }

  static MappedFile open(Path path) {
    return open(path, STRIDE);
  }

  /** As {@link #open(Path)} with windows of {@code stride} bytes. */
  static MappedFile open(Path path, long stride) {
    if (Files.isDirectory(path)) {
      throw CriaException.badInput(
          path + " is a directory, not a weights file: name the file in it");
    }
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long size = channel.size();
      List<MappedByteBuffer> windows = new ArrayList<>();
      for (long start = 0; start < size; start += stride) {
        long length = Math.min(size - start, stride + OVERLAP);
        windows.add(channel.map(FileChannel.MapMode.READ_ONLY, start, length));
      }
      return new MappedFile(path, size, stride, List.copyOf(windows));
    } catch (NoSuchFileException e) {
      throw CriaException.badInput("no weights file at " + path + ": check the path");
    } catch (IOException e) {
      throw CriaException.badInput(
          "cannot read " + path + " (" + e.getMessage() + "): check the file and its rights");
    }
  }

  Path path() {
    return path;
  }

  long size() {
    return size;
  }

  /**
   * The bytes [offset, offset + length) as little-endian buffers, each a whole number of {@code
   * unit} bytes.
   *
   * @param unit bytes that must not be torn apart, at most 4096
   */
  List<ByteBuffer> slices(long offset, long length, int unit) {
    if (offset < 0 || length < 0 || offset > size - length || unit > OVERLAP) {
      throw new IndexOutOfBoundsException(offset + " + " + length + " of " + size);
    }
    List<ByteBuffer> slices = new ArrayList<>();
    long at = offset;
    long left = length;
    while (left > 0) {
      MappedByteBuffer window = windows.get((int) (at / stride));
      int inside = (int) (at % stride);
      long available = (long) window.capacity() - inside;
      long take = left <= available ? left : available / unit * unit;
      slices.add(window.slice(inside, (int) take).order(ByteOrder.LITTLE_ENDIAN));
      at += take;
      left -= take;
    }
    return slices;
  }

  /** A reader of the file from its start, for headers. */
  Cursor cursor() {
    return new Cursor(this);
  }

  /** A little-endian reader that goes forward and never past the file's end. */
  static final class Cursor {
    private final MappedFile file;
    private long at;

    private Cursor(MappedFile file) {
      this.file = file;
    }

    long position() {
      return at;
    }

    long remaining() {
      return file.size - at;
    }

    byte int8() {
      return next(1).get();
    }

    short int16() {
      return next(2).getShort();
    }

    int int32() {
      return next(4).getInt();
    }

    long int64() {
      return next(8).getLong();
    }

    byte[] bytes(int length) {
      require(length);
      byte[] bytes = new byte[length];
      int done = 0;
      for (ByteBuffer slice : file.slices(at, length, 1)) {
        int part = slice.remaining();
        slice.get(bytes, done, part);
        done += part;
      }
      at += length;
      return bytes;
    }

    private ByteBuffer next(int length) {
      require(length);
      ByteBuffer slice = file.slices(at, length, length).get(0);
      at += length;
      return slice;
    }

    private void require(long length) {
      if (length > remaining()) {
        throw CriaException.badInput(
            file.path
                + " is truncated: its header goes on past the file's "
                + file.size
                + " bytes: fetch it again");
      }
    }
  }
}
