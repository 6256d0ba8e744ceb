package io.cria.storage;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.NoRoom;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/**
 * One run's directory. Paths are relative to it, with {@code /}.
 *
 * <p>Nothing is seen half-written: files and directories are written under {@code _tmp/} and
 * renamed into place; {@link Commits} says what counts. On a local disk the raw file system is
 * used, because the checksummed one loses synced bytes at a kill.
 */
public final class RunDirectory {
  /** The folder of what is not in place yet, below the run directory. */
  public static final String TEMPORARY = "_tmp";

  private final Path root;
  private final FileSystem files;
  private final FilePlacing placing;

  private RunDirectory(Path root, FileSystem files) {
    this.root = root;
    this.files = files;
    this.placing = new FilePlacing(files);
  }

  /**
   * @param directory a path or URI; need not exist
   * @throws CriaException when the file system is unknown or out of reach
   */
  public static RunDirectory at(String directory, Configuration hadoop) {
    if (directory.isBlank()) {
      throw CriaException.badInput(
          "the directory's name is empty: give one, for example runs/first");
    }
    try {
      Path path = new Path(directory);
      FileSystem files = rawLocal(Hadoop.files(path, hadoop));
      return new RunDirectory(files.makeQualified(path), files);
    } catch (IOException | IllegalArgumentException e) {
      throw new CriaException(
          ExitCode.BAD_INPUT,
          directory
              + ": cannot be reached ("
              + e.getMessage()
              + "): give a path or URI that Hadoop can open",
          e);
    }
  }

  private static FileSystem rawLocal(FileSystem files) {
    return files instanceof LocalFileSystem local ? local.getRawFileSystem() : files;
  }

  /** The full path of {@code relative}, for Spark's readers and writers. */
  public String path(String relative) {
    return new Path(root, relative).toString();
  }

  /** The directory itself. */
  public String root() {
    return root.toString();
  }

  public boolean exists(String relative) {
    try {
      return files.exists(new Path(root, relative));
    } catch (IOException e) {
      throw unreadable(relative, e);
    }
  }

  boolean isDirectory(String relative) {
    try {
      return files.getFileStatus(new Path(root, relative)).isDirectory();
    } catch (IOException e) {
      throw unreadable(relative, e);
    }
  }

  /** The whole text of a file, or empty when there is none. */
  public Optional<String> text(String relative) {
    try (InputStream in = files.open(new Path(root, relative))) {
      return Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (FileNotFoundException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw unreadable(relative, e);
    }
  }

  /** Whether so many bytes of a file can be read. */
  public boolean hasBytes(String relative, long bytes) {
    try (InputStream in = files.open(new Path(root, relative))) {
      in.skipNBytes(bytes);
      return true;
    } catch (EOFException e) {
      return false;
    } catch (IOException e) {
      throw unreadable(relative, e);
    }
  }

  /** A file from its beginning; its stream goes to any place without reading what lies between. */
  public FSDataInputStream open(String relative) {
    try {
      return files.open(new Path(root, relative));
    } catch (IOException e) {
      throw unreadable(relative, e);
    }
  }

  /** Replaces a file in one step: whoever reads sees the old text or the new. */
  public void replace(String relative, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    try {
      placing.put(new Path(root, relative), bytes, temporary());
    } catch (IOException | FSError e) {
      throw unwritable(relative, bytes.length, e);
    }
  }

  /**
   * The same, and when this returns the text outlasts a loss of power. A driver that begins
   * meanwhile may sweep temporary files away: then it is written once more.
   */
  public void replaceDurably(String relative, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    try {
      placing.putDurably(new Path(root, relative), bytes, this::temporary);
    } catch (IOException | FSError e) {
      throw unwritable(relative, bytes.length, e);
    }
  }

  /**
   * Writes a file only if there is none. Returns whether this call is known to have made it; see
   * {@link NewFile}.
   */
  boolean createNew(String relative, String text) {
    Path target = new Path(root, relative);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    try {
      placing.makeFolder(target.getParent());
      return NewFile.write(files, target, temporary(), bytes);
    } catch (IOException | FSError e) {
      throw unwritable(relative, bytes.length, e);
    }
  }

  /**
   * Makes sure that of several who make one file one succeeds here ({@link NewFile}); on a local
   * disk and HDFS that is known.
   *
   * @throws CriaException ({@link ExitCode#BAD_INPUT}) when it is not so
   */
  void requireNewFilesDecided() {
    if (placing.replacesByRename()) {
      return;
    }
    try {
      Path probe = temporary();
      files.mkdirs(probe.getParent());
      if (NewFile.isDecided(files, probe)) {
        return;
      }
    } catch (IOException e) {
      throw unwritable(TEMPORARY, e);
    }
    throw CriaException.badInput(
        root
            + ": this store lets two writers make one file, so two drivers could hold the run and"
            + " both pay: take a store that honours conditional writes (If-None-Match; of s3a,"
            + " fs.s3a.create.conditional.enabled is not to be false), or HDFS");
  }

  /** A fresh directory to write a table part into, relative to the run. */
  public String newTemporary() {
    return TEMPORARY + "/" + UUID.randomUUID();
  }

  private Path temporary() {
    return new Path(root, newTemporary());
  }

  /** Removes what earlier invocations left half-written. Only for the holder of the lock. */
  public void removeTemporaries() {
    delete(TEMPORARY);
  }

  public void delete(String relative) {
    try {
      files.delete(new Path(root, relative), true);
    } catch (IOException e) {
      throw unwritable(relative, e);
    }
  }

  public void mkdirs(String relative) {
    try {
      placing.makeFolder(new Path(root, relative));
    } catch (IOException e) {
      throw unwritable(relative, e);
    }
  }

  public void rename(String from, String to) {
    try {
      placing.makeFolder(new Path(root, to).getParent());
      placing.renameOver(new Path(root, from), new Path(root, to));
    } catch (IOException e) {
      throw unwritable(to, e);
    }
  }

  /**
   * A new file, in place of one of that name.
   *
   * @return a stream that tells a full disk by {@link NoRoom}
   */
  public OutputStream create(String relative) {
    Path file = new Path(root, relative);
    try {
      return new RoomStream(path(relative), placing.create(file));
    } catch (IOException | FSError e) {
      throw unwritable(relative, 0, e);
    }
  }

  /**
   * Names directly below a directory, sorted; none when it does not exist. Hidden and underscored
   * ones included.
   */
  public List<String> list(String relative) {
    try {
      List<String> names = new ArrayList<>();
      for (FileStatus status : files.listStatus(new Path(root, relative))) {
        names.add(status.getPath().getName());
      }
      names.sort(Comparator.naturalOrder());
      return names;
    } catch (FileNotFoundException e) {
      return List.of();
    } catch (IOException e) {
      throw unreadable(relative, e);
    }
  }

  /**
   * A file below a directory.
   *
   * @param name its name
   * @param bytes its size
   */
  public record Sized(String name, long bytes) {}

  /**
   * The files directly below a directory with their sizes, by name; none when it does not exist.
   */
  public List<Sized> listSized(String relative) {
    try {
      List<Sized> sized = new ArrayList<>();
      for (FileStatus status : files.listStatus(new Path(root, relative))) {
        if (status.isFile()) {
          sized.add(new Sized(status.getPath().getName(), status.getLen()));
        }
      }
      sized.sort(Comparator.comparing(Sized::name));
      return sized;
    } catch (FileNotFoundException e) {
      return List.of();
    } catch (IOException e) {
      throw unreadable(relative, e);
    }
  }

  public long size(String relative) {
    try {
      return files.getFileStatus(new Path(root, relative)).getLen();
    } catch (IOException e) {
      throw unreadable(relative, e);
    }
  }

  /** Lower-case hexadecimal SHA-256 of a file's bytes. */
  public String sha256(String relative) {
    try (DigestInputStream in =
        new DigestInputStream(open(relative), MessageDigest.getInstance("SHA-256"))) {
      in.transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(in.getMessageDigest().digest());
    } catch (IOException e) {
      throw unreadable(relative, e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** A file's bytes; empty when there is none. */
  Optional<Long> sizeIfThere(String relative) {
    try {
      return Optional.of(files.getFileStatus(new Path(root, relative)).getLen());
    } catch (FileNotFoundException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw unreadable(relative, e);
    }
  }

  /** Moves a directory into place, over whatever stood there. */
  void moveDirectory(String from, String to) {
    try {
      Path target = new Path(root, to);
      if (files.exists(target)) {
        Path aside = temporary();
        files.mkdirs(aside.getParent());
        if (!files.rename(target, aside)) {
          throw new IOException("cannot move the old directory aside");
        }
      }
      placing.makeFolder(target.getParent());
      if (!files.rename(new Path(root, from), target)) {
        throw new IOException("cannot rename " + from);
      }
    } catch (IOException e) {
      throw unwritable(to, e);
    }
  }

  private CriaException unreadable(String relative, IOException e) {
    return new CriaException(
        ExitCode.BAD_INPUT,
        path(relative)
            + ": cannot be read ("
            + message(e)
            + "): look whether it is there and may be read by you, and at its disk or store",
        e);
  }

  private CriaException unwritable(String relative, IOException e) {
    return unwritable(relative, 0, e);
  }

  /**
   * @param bytes of what was to be written; 0 where that is not known
   */
  private CriaException unwritable(String relative, long bytes, Throwable e) {
    return NoRoom.or(
        path(relative),
        bytes,
        e,
        () ->
            new CriaException(
                ExitCode.BAD_INPUT,
                path(relative)
                    + ": cannot be written ("
                    + message(e)
                    + "): give a directory that you may write to, with room",
                e));
  }

  private static String message(Throwable e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  FileSystem files() {
    return files;
  }

  Path absolute(String relative) {
    return new Path(root, relative);
  }
}
