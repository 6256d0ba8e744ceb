package io.cria.storage;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;
import org.jspecify.annotations.Nullable;

/**
 * A store that is no local disk to us, {@code scripted:/…}: replaces files by writing over them,
 * and fails when a test says so.
 */
public final class ScriptedFiles extends RawLocalFileSystem {
  private static final URI NAME = URI.create("scripted:///");

  static volatile boolean listingFails;

  /** How many of the next openings fail. */
  static final AtomicInteger FAILING_OPENINGS = new AtomicInteger();

  /** Runs once, just before the next file is made. */
  static volatile @Nullable Runnable beforeCreation;

  /** What is left of the next file that is written, whose writing fails then. */
  static volatile Optional<String> torn = Optional.empty();

  /** Whether nobody is refused: what was written last stands. */
  static volatile boolean lastWins;

  static RunDirectory at(java.nio.file.Path directory) {
    listingFails = false;
    FAILING_OPENINGS.set(0);
    beforeCreation = null;
    torn = Optional.empty();
    lastWins = false;
    Configuration hadoop = new Configuration();
    hadoop.set("fs.scripted.impl", ScriptedFiles.class.getName());
    return RunDirectory.at("scripted://" + directory, hadoop);
  }

  @Override
  public URI getUri() {
    return NAME;
  }

  @Override
  public FileStatus[] listStatus(Path path) throws IOException {
    if (listingFails) {
      throw new IOException("the store is away");
    }
    return super.listStatus(path);
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    if (FAILING_OPENINGS.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      throw new IOException("it was replaced meanwhile");
    }
    return super.open(path, bufferSize);
  }

  @Override
  public FSDataOutputStream createNonRecursive(
      Path path,
      FsPermission permission,
      EnumSet<CreateFlag> flags,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    Runnable before = beforeCreation;
    beforeCreation = null;
    if (before != null) {
      before.run();
    }
    FSDataOutputStream out =
        super.createNonRecursive(
            path,
            permission,
            lastWins ? EnumSet.of(CreateFlag.CREATE, CreateFlag.OVERWRITE) : flags,
            bufferSize,
            replication,
            blockSize,
            progress);
    Optional<String> left = torn;
    torn = Optional.empty();
    return left.isPresent() ? tearing(out, left.get()) : out;
  }

  private static FSDataOutputStream tearing(FSDataOutputStream out, String left)
      throws IOException {
    return new FSDataOutputStream(out, null) {
      @Override
      public void write(byte[] bytes) throws IOException {
        super.write(left.getBytes(StandardCharsets.UTF_8), 0, left.length());
        throw new IOException("no space left");
      }
    };
  }
}
