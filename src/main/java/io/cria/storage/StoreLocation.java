package io.cria.storage;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NotDirectoryException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** On a file system of Hadoop's, named by its scheme. */
final class StoreLocation extends Location {
  private final Path path;
  private final Configuration hadoop;

  StoreLocation(Path path, String name, Configuration hadoop) {
    super(name);
    this.path = path;
    this.hadoop = hadoop;
  }

  @Override
  public boolean exists() {
    try {
      return files().exists(path);
    } catch (IOException e) {
      throw new CriaException(
          ExitCode.BAD_INPUT,
          this
              + ": cannot be reached ("
              + reason(e)
              + "): check the address, the keys of the store and whether you may read it",
          e);
    }
  }

  @Override
  public InputStream open() throws IOException {
    try {
      return files().open(path);
    } catch (LinkageError e) {
      throw Hadoop.lacking(path, e);
    }
  }

  @Override
  public List<String> list() throws IOException {
    FileSystem files = files();
    if (!files.getFileStatus(path).isDirectory()) {
      throw new NotDirectoryException(path.toString());
    }
    return Arrays.stream(files.listStatus(path))
        .filter(FileStatus::isFile)
        .map(file -> file.getPath().getName())
        .sorted()
        .toList();
  }

  @Override
  public Location child(String file) {
    return at(below(path, file));
  }

  @Override
  public String absolute() {
    return path.toString();
  }

  @Override
  public WholeFile create() throws IOException {
    return StoreWholeFile.begin(files(), path);
  }

  @Override
  Location beside(String inFile) {
    Path folder = Objects.requireNonNull(path.getParent(), "a file has a folder");
    return at(below(folder, inFile));
  }

  private static Path below(Path folder, String relative) {
    // a colon in the name is no scheme here
    return new Path(folder, new Path(null, null, relative));
  }

  private Location at(Path other) {
    return new StoreLocation(other, other.toString(), hadoop);
  }

  private FileSystem files() throws IOException {
    return Hadoop.files(path, hadoop);
  }

  @Override
  Configuration hadoop() {
    return hadoop;
  }
}
