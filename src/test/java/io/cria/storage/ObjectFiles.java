package io.cria.storage;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import org.apache.hadoop.fs.Abortable;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.util.Progressable;
import org.jspecify.annotations.Nullable;

/**
 * The local disk as a store of objects, {@code objects:/…}: an object appears when its stream is
 * closed, unless the upload was given up.
 */
public final class ObjectFiles extends RawLocalFileSystem {
  private static final URI NAME = URI.create("objects:///");

  @Override
  public URI getUri() {
    return NAME;
  }

  @Override
  public boolean hasPathCapability(Path path, String capability) throws IOException {
    return capability.equals(CommonPathCapabilities.ABORTABLE_STREAM)
        || super.hasPathCapability(path, capability);
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
    return new FSDataOutputStream(new Upload(path), null);
  }

  private void appear(Path path, byte[] bytes) throws IOException {
    try (FSDataOutputStream file = super.create(path, true, 4096, (short) 1, 1 << 20, null)) {
      file.write(bytes);
    }
  }

  private final class Upload extends ByteArrayOutputStream implements Abortable {
    private final Path path;
    private boolean ended;

    Upload(Path path) {
      this.path = path;
    }

    @Override
    public AbortableResult abort() {
      boolean was = ended;
      ended = true;
      return new AbortableResult() {
        @Override
        public boolean alreadyClosed() {
          return was;
        }

        @Override
        public @Nullable IOException anyCleanupException() {
          return null;
        }
      };
    }

    @Override
    public void close() throws IOException {
      if (!ended) {
        ended = true;
        appear(path, toByteArray());
      }
    }
  }
}
