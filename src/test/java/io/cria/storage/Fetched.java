package io.cria.storage;

import java.io.IOException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Brings a directory from any file system to the local disk. For {@code scripts/test-storage}. */
final class Fetched {
  private Fetched() {}

  /** From where, and to where. */
  public static void main(String[] args) throws IOException {
    Path from = new Path(args[0]);
    FileSystem files = from.getFileSystem(Hadoop.configuration());
    files.copyToLocalFile(false, from, new Path(args[1]), true);
  }
}
