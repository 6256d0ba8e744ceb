package io.cria.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** Files that outlast a loss of power. */
final class DurableFile {
  private DurableFile() {}

  /** Writes a file; its bytes are on the disk when this returns, its name may not be. */
  static void write(FileSystem files, Path path, byte[] bytes) throws IOException {
    try (FSDataOutputStream out = files.create(path, true)) {
      out.write(bytes);
      out.hsync();
    }
    if (files instanceof RawLocalFileSystem) {
      // Hadoop's local stream only flushes
      force(path, StandardOpenOption.WRITE);
    }
  }

  /** Brings a directory's names to the disk. Elsewhere than on the local disk they are. */
  static void syncNames(FileSystem files, Path directory) throws IOException {
    if (files instanceof RawLocalFileSystem
        && local(directory).getFileSystem().supportedFileAttributeViews().contains("posix")) {
      force(directory, StandardOpenOption.READ);
    }
  }

  private static void force(Path path, StandardOpenOption option) throws IOException {
    try (FileChannel channel = FileChannel.open(local(path), option)) {
      channel.force(true);
    }
  }

  private static java.nio.file.Path local(Path path) {
    return java.nio.file.Path.of(path.toUri().getPath());
  }
}
