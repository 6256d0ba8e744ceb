package io.cria.storage;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardCopyOption;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.jspecify.annotations.Nullable;

/**
 * How a whole file comes into its place on a file system: where a rename replaces a file in one
 * step, by writing it elsewhere and renaming; on an object store, where an object appears whole, by
 * writing it.
 */
final class FilePlacing {
  /** Schemes of file systems whose rename can replace a file in one step. */
  static final Set<String> RENAMING = Set.of("file", "hdfs", "viewfs");

  private final FileSystem files;
  private @Nullable FileContext renaming;

  FilePlacing(FileSystem files) {
    this.files = files;
  }

  /**
   * Replaces a file in one step.
   *
   * @param temporary a place for it meanwhile, on the same file system
   */
  void put(Path target, byte[] bytes, Path temporary) throws IOException {
    makeFolder(target.getParent());
    if (!replacesByRename()) {
      write(target, bytes);
      return;
    }
    move(temporary, target, file -> write(file, bytes));
  }

  /**
   * The same, and when this returns the file outlasts a loss of power. What lies in a temporary
   * place may be swept away meanwhile: then it is written once more.
   */
  void putDurably(Path target, byte[] bytes, Supplier<Path> temporaries) throws IOException {
    makeFolder(target.getParent());
    if (!replacesByRename()) {
      write(target, bytes); // a store has what it took
      return;
    }
    try {
      moveDurably(temporaries.get(), target, bytes);
    } catch (FileNotFoundException | NoSuchFileException e) {
      moveDurably(temporaries.get(), target, bytes);
    }
  }

  private void moveDurably(Path temporary, Path target, byte[] bytes) throws IOException {
    move(temporary, target, file -> DurableFile.write(files, file, bytes));
    DurableFile.syncNames(files, target.getParent());
  }

  /** A new file at its place, with the folders before it. */
  OutputStream create(Path file) throws IOException {
    if (files instanceof RawLocalFileSystem) {
      makeFolder(file.getParent()); // which tells why it cannot; elsewhere files make their own
    }
    return files.create(file, true);
  }

  private void write(Path path, byte[] bytes) throws IOException {
    try (OutputStream out = files.create(path, true)) {
      out.write(bytes);
    }
  }

  /** What fills a file. */
  @FunctionalInterface
  private interface Filling {
    void fill(Path file) throws IOException;
  }

  /** Fills a file beside its place and puts it there; nothing of it stays where that fails. */
  private void move(Path temporary, Path target, Filling filling) throws IOException {
    try {
      filling.fill(temporary);
      renameOver(temporary, target);
    } catch (IOException | RuntimeException | Error e) {
      try {
        files.delete(temporary, false);
      } catch (IOException | RuntimeException | Error more) {
        e.addSuppressed(more);
      }
      throw e;
    }
  }

  /** Makes a folder. Hadoop's local file system does not say why it could not: Java's does. */
  void makeFolder(Path folder) throws IOException {
    if (files.mkdirs(folder)) {
      return;
    }
    if (!(files instanceof RawLocalFileSystem)) {
      throw new IOException("the folder " + folder + " is not made");
    }
    Files.createDirectories(java.nio.file.Path.of(folder.toUri().getPath()));
  }

  /**
   * Whether a rename can replace a file in one step here. On object stores it cannot, and need not.
   */
  boolean replacesByRename() {
    return RENAMING.contains(files.getUri().getScheme());
  }

  /** Moves a file over another; in one step where a rename can. */
  void renameOver(Path from, Path to) throws IOException {
    if (files instanceof RawLocalFileSystem) {
      Files.move(
          java.nio.file.Path.of(from.toUri().getPath()),
          java.nio.file.Path.of(to.toUri().getPath()),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } else if (replacesByRename()) {
      renaming().rename(from, to, Options.Rename.OVERWRITE);
    } else {
      // what counts is a manifest, which is not there meanwhile
      files.delete(to, false);
      if (!files.rename(from, to)) {
        throw new IOException("cannot rename " + from);
      }
    }
  }

  /** One for all renames: each has a client of its own, which nobody closes. */
  private synchronized FileContext renaming() throws IOException {
    FileContext context = renaming;
    if (context == null) {
      context = FileContext.getFileContext(files.getUri(), files.getConf());
      renaming = context;
    }
    return context;
  }
}
