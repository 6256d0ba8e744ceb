package io.cria.stage.dedup;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.BufferedInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionCodecFactory;

/**
 * The files behind one input and what they hold, told by their first bytes.
 *
 * @param name as the user gave it
 * @param files by path; those whose name begins with a dot or underscore are no data
 */
record InputFiles(String name, Kind kind, List<FileStatus> files) {
  enum Kind {
    JSONL,
    JSON,
    PARQUET
  }

  InputFiles {
    files = List.copyOf(files);
  }

  /**
   * @throws CriaException (bad input) when there is no such file, it cannot be read, or is neither
   *     JSON nor Parquet
   */
  static InputFiles of(String name, Configuration hadoop) {
    try {
      Path path = new Path(name);
      FileSystem system = path.getFileSystem(hadoop);
      List<FileStatus> files = list(system, path);
      Kind kind = null;
      for (FileStatus file : files) {
        Kind one = kind(system, file.getPath(), hadoop);
        if (kind != null && one != kind) {
          throw CriaException.badInput(
              name + ": it holds files of several formats: give each format as its own input");
        }
        kind = one;
      }
      if (kind == null) {
        throw CriaException.badInput(name + ": the directory holds no file: give one with records");
      }
      return new InputFiles(name, kind, files);
    } catch (FileNotFoundException e) {
      throw new CriaException(
          ExitCode.BAD_INPUT,
          name + ": there is no such file: give a JSONL, JSON or Parquet file, or a directory",
          e);
    } catch (IOException | IllegalArgumentException e) {
      throw unreadable(name, e);
    }
  }

  static CriaException unreadable(String name, Exception e) {
    return new CriaException(
        ExitCode.BAD_INPUT,
        name
            + ": cannot be read ("
            + e.getClass().getSimpleName()
            + (e.getMessage() == null ? "" : ": " + e.getMessage().lines().findFirst().orElse(""))
            + "): check that it is whole and that you may read it",
        e);
  }

  private static List<FileStatus> list(FileSystem system, Path path) throws IOException {
    FileStatus status = system.getFileStatus(path);
    if (!status.isDirectory()) {
      return List.of(status);
    }
    List<FileStatus> files = new ArrayList<>();
    RemoteIterator<LocatedFileStatus> below = system.listFiles(path, true);
    while (below.hasNext()) {
      LocatedFileStatus file = below.next();
      if (isData(path, file.getPath())) {
        files.add(file);
      }
    }
    files.sort(Comparator.comparing(file -> file.getPath().toString()));
    return files;
  }

  private static boolean isData(Path root, Path file) {
    for (Path part = file;
        part != null && part.depth() > 0 && !part.getName().equals(root.getName());
        part = part.getParent()) {
      if (part.getName().startsWith("_") || part.getName().startsWith(".")) {
        return false;
      }
    }
    return true;
  }

  private static Kind kind(FileSystem system, Path file, Configuration hadoop) throws IOException {
    byte[] head = new byte[4];
    int length;
    try (InputStream in = system.open(file)) {
      length = in.readNBytes(head, 0, 4);
    }
    if (length == 4 && head[0] == 'P' && head[1] == 'A' && head[2] == 'R' && head[3] == '1') {
      return Kind.PARQUET;
    }
    if (length >= 2
        && head[0] == 0x1F
        && (head[1] & 0xFF) == 0x8B
        && new CompressionCodecFactory(hadoop).getCodec(file) == null) {
      throw CriaException.badInput(
          file + ": it is compressed by gzip, which its name does not tell: let it end in .gz");
    }
    try (InputStream in = open(system, file, hadoop)) {
      return firstVisible(in) == '[' ? Kind.JSON : Kind.JSONL;
    }
  }

  /** The file's bytes, decompressed as its name tells. */
  static InputStream open(FileSystem system, Path file, Configuration hadoop) throws IOException {
    CompressionCodec codec = new CompressionCodecFactory(hadoop).getCodec(file);
    InputStream in = new BufferedInputStream(system.open(file), 1 << 16);
    return codec == null ? in : new BufferedInputStream(codec.createInputStream(in), 1 << 16);
  }

  /** The first byte that is neither white space nor of a byte order mark; -1 without one. */
  private static int firstVisible(InputStream in) throws IOException {
    int b;
    do {
      b = in.read();
    } while (b == ' ' || b == '\n' || b == '\r' || b == '\t' || b == 0xEF || b == 0xBB
        || b == 0xBF);
    return b;
  }

  /** Bytes as stored. */
  long bytes() {
    return files.stream().mapToLong(FileStatus::getLen).sum();
  }

  /** Bytes, time of change and name of each file: a job is the same when these are. */
  String fingerprint() {
    StringBuilder text = new StringBuilder(name);
    for (FileStatus file : files) {
      text.append('\n')
          .append(file.getPath())
          .append(' ')
          .append(file.getLen())
          .append(' ')
          .append(file.getModificationTime());
    }
    return text.toString();
  }
}
