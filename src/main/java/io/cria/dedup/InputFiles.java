package io.cria.dedup;

import io.cria.storage.Hadoop;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.BufferedInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
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
import org.jspecify.annotations.Nullable;

/**
 * The files behind one input and what they hold, told by their first bytes.
 *
 * @param name as the user gave it
 * @param root the file or directory of that name
 * @param files by path; of a directory those without a dot or underscore at the beginning of a name
 *     below it
 */
record InputFiles(String name, Path root, Kind kind, List<FileStatus> files) {
  /** Bytes by which a file of any known kind is known. */
  private static final int LONGEST_MARK = 16;

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
      FileSystem system = Hadoop.files(path, hadoop);
      FileStatus root = system.getFileStatus(path);
      List<FileStatus> files = list(system, root);
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
      if (kind == Kind.PARQUET && !root.isDirectory() && isHidden(path.getName())) {
        throw CriaException.badInput(
            name
                + ": Spark passes over Parquet files whose name begins with a dot or an underscore:"
                + " rename it");
      }
      return new InputFiles(name, root.getPath(), kind, files);
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

  private static List<FileStatus> list(FileSystem system, FileStatus root) throws IOException {
    if (!root.isDirectory()) {
      return List.of(root);
    }
    List<FileStatus> files = new ArrayList<>();
    RemoteIterator<LocatedFileStatus> below = system.listFiles(root.getPath(), true);
    while (below.hasNext()) {
      LocatedFileStatus file = below.next();
      if (isData(root.getPath(), file.getPath())) {
        files.add(file);
      }
    }
    files.sort(Comparator.comparing(file -> file.getPath().toString()));
    return files;
  }

  /** Whether no name on the way from the root to the file is hidden. */
  private static boolean isData(Path root, Path file) {
    for (Path part = file; part != null && part.depth() > root.depth(); part = part.getParent()) {
      if (isHidden(part.getName())) {
        return false;
      }
    }
    return true;
  }

  private static boolean isHidden(String name) {
    return name.startsWith("_") || name.startsWith(".");
  }

  /**
   * Looks at the files again.
   *
   * @throws CriaException (bad input) when one of them is not what it was, or there are others
   */
  void requireUnchanged(Configuration hadoop) {
    List<FileStatus> now;
    try {
      FileSystem system = root.getFileSystem(hadoop);
      now = list(system, system.getFileStatus(root));
    } catch (FileNotFoundException e) {
      throw changed(name, e);
    } catch (IOException e) {
      throw unreadable(name, e);
    }
    for (int i = 0; i < Math.min(files.size(), now.size()); i++) {
      if (!stamp(files.get(i)).equals(stamp(now.get(i)))) {
        throw changed(files.size() == 1 ? name : files.get(i).getPath().toString(), null);
      }
    }
    if (files.size() != now.size()) {
      throw changed(name, null);
    }
  }

  static CriaException changed(String name, @Nullable Exception cause) {
    return new CriaException(
        ExitCode.BAD_INPUT,
        name + ": it changed while this job read it: run again when nothing writes to it",
        cause);
  }

  private static Kind kind(FileSystem system, Path file, Configuration hadoop) throws IOException {
    byte[] bytes;
    try (InputStream in = system.open(file)) {
      bytes = in.readNBytes(LONGEST_MARK);
    }
    String head = new String(bytes, StandardCharsets.ISO_8859_1);
    if (head.startsWith("PAR1")) {
      return Kind.PARQUET;
    }
    if (head.startsWith("\u001F\u008B")
        && new CompressionCodecFactory(hadoop).getCodec(file) == null) {
      throw CriaException.badInput(
          file + ": it is compressed by gzip, which its name does not tell: let it end in .gz");
    }
    Foreign.refuse(file.toString(), head);
    try (InputStream in = open(system, file, hadoop)) {
      return firstVisible(in) == '[' ? Kind.JSON : Kind.JSONL;
    }
  }

  /** The file's bytes, decompressed as its name tells. */
  static InputStream open(FileSystem system, Path file, Configuration hadoop) throws IOException {
    CompressionCodec codec = new CompressionCodecFactory(hadoop).getCodec(file);
    InputStream in = new BufferedInputStream(system.open(file), 1 << 16);
    if (codec == null) {
      return in;
    }
    try {
      return new BufferedInputStream(codec.createInputStream(in), 1 << 16);
    } catch (RuntimeException | LinkageError e) {
      in.close();
      throw new CriaException(
          ExitCode.BAD_INPUT,
          file
              + ": this compression cannot be read here ("
              + e.getMessage()
              + "): give it as .gz or .bz2, or unpacked",
          e);
    }
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
    files.forEach(file -> text.append('\n').append(stamp(file)));
    return text.toString();
  }

  private static String stamp(FileStatus file) {
    return file.getPath() + " " + file.getLen() + " " + file.getModificationTime();
  }
}
