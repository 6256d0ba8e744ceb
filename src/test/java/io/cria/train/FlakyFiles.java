package io.cria.train;

import java.io.IOException;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.util.Progressable;
import org.jspecify.annotations.Nullable;

/** The local disk as a store that is away for a while, {@code flaky:/…}. */
public final class FlakyFiles extends RawLocalFileSystem {
  private static final URI NAME = URI.create("flaky:///");
  private static final AtomicInteger FAILURES = new AtomicInteger();
  private static volatile String part = "";

  /** The next so many files with that part in their path are not written. */
  static void failNext(String pathPart, int times) {
    part = pathPart;
    FAILURES.set(times);
  }

  @Override
  public URI getUri() {
    return NAME;
  }

  @Override
  public FSDataOutputStream create(
      Path path,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      @Nullable Progressable progress)
      throws IOException {
    if (path.toUri().getPath().contains(part)
        && FAILURES.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      throw new IOException("503 Slow Down");
    }
    return super.create(path, overwrite, bufferSize, replication, blockSize, progress);
  }
}
