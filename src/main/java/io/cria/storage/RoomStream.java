package io.cria.storage;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.NoRoom;
import java.io.IOException;
import java.io.OutputStream;
import org.apache.hadoop.fs.FSError;

/**
 * A file on its way. Hadoop's local file system tells a failed write by an {@link FSError}, which
 * is an error and passes every handler of exceptions; here it is the exception that it was made of,
 * and a full disk is told as what it is.
 */
final class RoomStream extends OutputStream {
  private final String place;
  private final OutputStream out;

  /**
   * @param place what is written, for messages
   */
  RoomStream(String place, OutputStream out) {
    this.place = place;
    this.out = out;
  }

  /** A call to the stream below. */
  @FunctionalInterface
  interface Call {
    void make() throws IOException;
  }

  /**
   * Makes a call.
   *
   * @throws CriaException for a full disk, and for what Hadoop throws as an error
   */
  void told(Call call) throws IOException {
    try {
      call.make();
    } catch (IOException e) {
      if (NoRoom.isBehind(e)) {
        throw failure(e);
      }
      throw e;
    } catch (FSError e) {
      throw failure(e);
    }
  }

  private CriaException failure(Throwable e) {
    return NoRoom.or(
        place,
        e,
        () ->
            new CriaException(
                ExitCode.BAD_INPUT,
                place + ": cannot be written (" + e.getMessage() + "): look at the disk",
                e));
  }

  @Override
  public void write(int b) throws IOException {
    told(() -> out.write(b));
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    told(() -> out.write(bytes, offset, length));
  }

  @Override
  public void flush() throws IOException {
    told(out::flush);
  }

  @Override
  public void close() throws IOException {
    told(out::close);
  }
}
