package io.cria.testing;

import java.io.IOException;
import java.net.URI;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/**
 * The local disk as an object store would see it: counts what costs a call there, listings and
 * looks at files. What is polled by the clock (the stop file, the lock) is left out.
 */
public final class CountedFiles extends RawLocalFileSystem {
  private static final URI ROOT = URI.create("counted:///");
  private static final AtomicLong CALLS = new AtomicLong();

  /** Makes {@code counted:///path} known. */
  public static void register(Configuration hadoop) {
    hadoop.set("fs.counted.impl", CountedFiles.class.getName());
  }

  /** Calls so far, of the whole process. */
  public static long calls() {
    return CALLS.get();
  }

  @Override
  public URI getUri() {
    return ROOT;
  }

  @Override
  public String getScheme() {
    return ROOT.getScheme();
  }

  @Override
  public FileStatus[] listStatus(Path path) throws IOException {
    count(path);
    return super.listStatus(path);
  }

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    count(path);
    return super.getFileStatus(path);
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    count(path);
    return super.open(path, bufferSize);
  }

  private static void count(Path path) {
    String name = path.toString();
    if (!name.contains("/_lock") && !name.endsWith("/_stop")) {
      CALLS.incrementAndGet();
    }
  }
}
