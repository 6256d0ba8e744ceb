package io.cria.sft;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.NoRoom;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a run's directory for one training at a time. The system lets go of the lock when the
 * process ends, however it ends; the file stays.
 */
final class OutputLock implements AutoCloseable {
  private static final String FILE = ".lock";

  private final Path output;
  private final FileChannel channel;

  private OutputLock(Path output, FileChannel channel) {
    this.output = output;
    this.channel = channel;
  }

  /**
   * Locks the directory, which is made where it is not there.
   *
   * @throws CriaException when another training holds it, or it cannot be written
   */
  static OutputLock take(Path output) {
    FileChannel channel;
    if (Files.exists(output) && !Files.isDirectory(output)) {
      throw CriaException.badInput(
          "--output " + output + " is a file, and a directory is wanted: give another name");
    }
    try {
      Files.createDirectories(output);
      channel =
          FileChannel.open(
              output.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw unwritable(output, e);
    }
    boolean taken = false;
    try {
      taken = lock(channel) != null;
      if (!taken) {
        throw new CriaException(
            ExitCode.RUN_REFUSED,
            "another process trains into "
                + output
                + ": wait for its end, or give another --output");
      }
      return new OutputLock(output, channel);
    } catch (IOException e) {
      throw unwritable(output, e);
    } finally {
      if (!taken) {
        close(channel, output);
      }
    }
  }

  private static @Nullable FileLock lock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // held by this very process
      return null;
    }
  }

  private static CriaException unwritable(Path output, IOException e) {
    return NoRoom.or(
        output.toString(),
        e,
        () ->
            CriaException.badInput(
                "cannot write to output "
                    + output
                    + " ("
                    + e.getMessage()
                    + "): give another directory"));
  }

  Path output() {
    return output;
  }

  @Override
  public void close() {
    close(channel, output);
  }

  private static void close(FileChannel channel, Path output) {
    try {
      channel.close();
    } catch (IOException e) {
      throw unwritable(output, e);
    }
  }
}
