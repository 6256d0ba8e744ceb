package io.cria.weights;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.NoRoom;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Writes a file beside its place, syncs it and moves it there: readers see the old one or the whole
 * new one, after a loss of power too.
 */
public final class AtomicFile {
  private AtomicFile() {}

  /** What fills the file. */
  @FunctionalInterface
  interface Content {
    void writeTo(Output out) throws IOException;
  }

  /**
   * Writes a text as UTF-8.
   *
   * @throws CriaException naming the file when it cannot be written
   */
  public static void write(Path path, String text) {
    write(path, text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Writes bytes.
   *
   * @throws CriaException naming the file when it cannot be written
   */
  public static void write(Path path, byte[] bytes) {
    write(path, bytes.length, out -> out.put(ByteBuffer.wrap(bytes)));
  }

  /**
   * Brings everything in a directory, and its list of files, to the disk.
   *
   * @param directory without directories in it
   */
  public static void syncDirectory(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
          channel.force(true);
        }
      }
    }
    syncList(directory);
  }

  /** Brings a directory's list of files to the disk: what was moved in or out stays so. */
  public static void syncList(Path directory) throws IOException {
    if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  /**
   * @param bytes of the whole file: where there is not so much room, nothing of it is written
   */
  static void write(Path path, long bytes, Content content) {
    Path partial = path.resolveSibling(path.getFileName() + ".partial");
    if (Files.isRegularFile(partial, LinkOption.NOFOLLOW_LINKS)) {
      deletePartial(partial); // what a killed process left takes room that this needs
    }
    NoRoom.require(path, bytes);
    try {
      try (FileChannel channel =
          FileChannel.open(
              partial,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        content.writeTo(new Output(channel));
        channel.force(true);
      }
      Files.move(
          partial, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      syncList(Objects.requireNonNull(path.toAbsolutePath().getParent()));
    } catch (IOException e) {
      throw NoRoom.or(
          path.toString(),
          bytes,
          e,
          () ->
              new CriaException(
                  ExitCode.FAULT,
                  "cannot write "
                      + path
                      + " ("
                      + e.getMessage()
                      + "): check the disk, or choose another directory",
                  e));
    } finally {
      deletePartial(partial);
    }
  }

  private static void deletePartial(Path partial) {
    try {
      Files.deleteIfExists(partial);
    } catch (IOException e) {
      // The failure that left it is already on its way to the user; the next write truncates it.
      return;
    }
  }

  /** A forward-only output that knows its position. */
  static final class Output {
    private final FileChannel channel;

    private Output(FileChannel channel) {
      this.channel = channel;
    }

    void put(ByteBuffer... buffers) throws IOException {
      for (ByteBuffer buffer : buffers) {
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
      }
    }

    /** The tensor's bytes, which must be as many as its shape says. */
    void put(TensorContent tensor) throws IOException {
      long written = 0;
      List<ByteBuffer> parts = tensor.bytes().get();
      for (ByteBuffer part : parts) {
        written += part.remaining();
        put(part.duplicate());
      }
      if (written != tensor.byteLength()) {
        throw new IllegalArgumentException(
            "tensor "
                + tensor.name()
                + " gave "
                + written
                + " bytes, its shape needs "
                + tensor.byteLength());
      }
    }

    long position() throws IOException {
      return channel.position();
    }

    void zeros(int count) throws IOException {
      put(ByteBuffer.allocate(count));
    }
  }
}
