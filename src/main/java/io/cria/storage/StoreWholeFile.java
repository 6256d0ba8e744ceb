package io.cria.storage;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.UUID;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;

/**
 * On a file system of Hadoop's. Where an upload can be given up, as on S3, the object itself is
 * written: it appears when its stream is closed. Elsewhere the file is written beside its place and
 * renamed: in one step where a rename can replace a file, else after the old one is removed.
 */
final class StoreWholeFile extends WholeFile {
  private final FileSystem files;
  private final Path target;
  private final Path written;
  private final FSDataOutputStream out;
  private boolean committed;

  /** The old file is gone: the new one is all that there is. */
  private boolean kept;

  private StoreWholeFile(FileSystem files, Path target, Path written) throws IOException {
    this.files = files;
    this.target = target;
    this.written = written;
    this.out = files.create(written, true);
  }

  static WholeFile begin(FileSystem files, Path target) throws IOException {
    return new StoreWholeFile(
        files,
        target,
        files.hasPathCapability(target, CommonPathCapabilities.ABORTABLE_STREAM)
            ? target
            : new Path(target.getParent(), "." + target.getName() + "." + UUID.randomUUID()));
  }

  @Override
  public OutputStream stream() {
    return new FilterOutputStream(out) {
      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
      }

      @Override
      public void close() {
        // an object would appear now
      }
    };
  }

  @Override
  public void commit() throws IOException {
    out.close();
    if (!written.equals(target)) {
      rename();
    }
    committed = true;
  }

  private void rename() throws IOException {
    if (FilePlacing.RENAMING.contains(files.getUri().getScheme())) {
      FileContext.getFileContext(files.getUri(), files.getConf())
          .rename(written, target, Options.Rename.OVERWRITE);
      return;
    }
    if (files.exists(target) && files.getFileStatus(target).isDirectory()) {
      throw new IOException("there is a directory of this name");
    }
    files.delete(target, false);
    kept = true;
    if (!files.rename(written, target)) {
      throw new IOException("written and whole, but cannot be renamed: " + written);
    }
  }

  @Override
  public void close() throws IOException {
    if (committed) {
      return;
    }
    if (written.equals(target)) {
      out.abort();
    } else {
      out.close();
      if (!kept) {
        files.delete(written, false);
      }
    }
  }
}
