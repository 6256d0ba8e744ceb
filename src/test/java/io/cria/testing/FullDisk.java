package io.cria.testing;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Constructor;
import java.net.URI;
import java.util.EnumSet;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;
import org.jspecify.annotations.Nullable;

/**
 * This machine's files under the scheme {@code viewfs}, whose files are replaced by renames, on a
 * disk that has room for so many bytes more. When it is full it says so as Hadoop's local file
 * system does: by an error.
 */
public final class FullDisk extends RawLocalFileSystem {
  private static final URI NAME = URI.create("viewfs:///");
  private static final AtomicLong ROOM = new AtomicLong(Long.MAX_VALUE);

  private @Nullable URI name;

  /** Makes the scheme known, with room for all. */
  public static void in(Configuration hadoop) {
    hadoop.set("fs.viewfs.impl", FullDisk.class.getName());
    room(Long.MAX_VALUE);
  }

  /** From now on there is room for so many bytes. */
  public static void room(long bytes) {
    ROOM.set(bytes);
  }

  /** A directory of this machine as one on that disk. */
  public static String at(java.nio.file.Path directory) {
    return "viewfs://" + directory;
  }

  /** What Hadoop's local file system throws on a full disk; nobody else can make one. */
  public static FSError error() {
    try {
      Constructor<FSError> made = FSError.class.getDeclaredConstructor(Throwable.class);
      made.setAccessible(true);
      return made.newInstance(new IOException("No space left on device"));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Hadoop's FSError is another than it was", e);
    }
  }

  @Override
  public void initialize(URI uri, Configuration hadoop) throws IOException {
    name = URI.create(uri.getScheme() + ":///");
    super.initialize(uri, hadoop);
  }

  @Override
  public URI getUri() {
    return name == null ? NAME : name; // asked before anything is known, too
  }

  @Override
  public FSDataOutputStream create(
      Path file,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      @Nullable Progressable progress)
      throws IOException {
    return limited(super.create(file, overwrite, bufferSize, replication, blockSize, progress));
  }

  @Override
  public FSDataOutputStream create(
      Path file,
      FsPermission permission,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      @Nullable Progressable progress)
      throws IOException {
    return limited(
        super.create(file, permission, overwrite, bufferSize, replication, blockSize, progress));
  }

  @Override
  public FSDataOutputStream createNonRecursive(
      Path file,
      FsPermission permission,
      EnumSet<CreateFlag> flags,
      int bufferSize,
      short replication,
      long blockSize,
      @Nullable Progressable progress)
      throws IOException {
    return limited(
        super.createNonRecursive(
            file, permission, flags, bufferSize, replication, blockSize, progress));
  }

  private static FSDataOutputStream limited(FSDataOutputStream out) throws IOException {
    return new FSDataOutputStream(new Limited(out), null);
  }

  private static final class Limited extends FilterOutputStream {
    Limited(OutputStream out) {
      super(out);
    }

    private static void take(int bytes) {
      if (ROOM.addAndGet(-bytes) < 0) {
        ROOM.set(0);
        throw error();
      }
    }

    @Override
    public void write(int b) throws IOException {
      take(1);
      out.write(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      take(length);
      out.write(bytes, offset, length);
    }
  }
}
