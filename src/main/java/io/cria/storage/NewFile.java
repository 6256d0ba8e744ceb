package io.cria.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardOpenOption;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;

/**
 * Makes a file only where there is none: of several who try at once, one succeeds.
 *
 * <p>The file system decides, never a look beforehand. On a local disk it is the link of a written
 * file to its name, so that nobody sees it half-written; where links are refused, exclusive
 * creation. (Hadoop's own local creation looks first and creates then.) Elsewhere it is creation
 * without overwriting, and where the file system can, as S3A does, the condition that nothing be
 * there when the object appears.
 */
final class NewFile {
  private static final String IF_ABSENT =
      Options.CreateFileOptionKeys.FS_OPTION_CREATE_CONDITIONAL_OVERWRITE;

  private static final int TRIES = 3;
  private static final int FIRST = 1;

  private NewFile() {}

  /**
   * @param target in a directory that exists
   * @param temporary a fresh name on the same file system
   * @return whether this call is known to have made the file. False where a request was repeated
   *     after its answer got lost: what stands in the file decides then
   * @throws IOException when it could not be written; a part of it may stand there
   */
  static boolean write(FileSystem files, Path target, Path temporary, byte[] bytes)
      throws IOException {
    if (files.getUri().getScheme().equals("file")) {
      return link(local(target), local(temporary), bytes);
    }
    for (int tries = 1; ; tries++) {
      boolean begun = false;
      try (OutputStream out = builder(files, target).build()) {
        begun = true;
        out.write(bytes);
        return true;
      } catch (IOException e) {
        // file systems tell of a file that is there in many ways, and some only at its end
        boolean stands = files.exists(target);
        if (stands && !(begun && files.getFileStatus(target).getLen() == 0)) {
          return false;
        }
        // S3 may refuse each of several at once, and asks to repeat; an empty file is our failure
        if (stands || tries == TRIES) {
          throw e;
        }
      }
    }
  }

  /**
   * Whether this store decides between two writers that both found nothing: the one that ends first
   * makes the file, and the other is refused at its beginning or at its end.
   *
   * @param probe a name in a directory of temporary files; nothing is left there
   */
  static boolean isDecided(FileSystem files, Path probe) throws IOException {
    try {
      OutputStream first = builder(files, probe).build();
      boolean refused = isRefused(files, probe, first);
      try (InputStream in = files.open(probe)) {
        return refused && in.read() == FIRST;
      }
    } finally {
      files.delete(probe, false);
    }
  }

  /** Whether a second writer is refused while, or after, the first one writes. */
  private static boolean isRefused(FileSystem files, Path probe, OutputStream first)
      throws IOException {
    OutputStream second;
    try (first) {
      first.write(FIRST);
      second = builder(files, probe).build();
    } catch (IOException e) {
      return true;
    }
    try (second) {
      second.write(FIRST + 1);
    } catch (IOException e) {
      return true;
    }
    return false;
  }

  private static FSDataOutputStreamBuilder<?, ?> builder(FileSystem files, Path target)
      throws IOException {
    FSDataOutputStreamBuilder<?, ?> builder = files.createFile(target).overwrite(false);
    return files.hasPathCapability(target, IF_ABSENT) ? builder.must(IF_ABSENT, true) : builder;
  }

  private static java.nio.file.Path local(Path path) {
    return java.nio.file.Path.of(path.toUri().getPath());
  }

  private static boolean link(java.nio.file.Path target, java.nio.file.Path temporary, byte[] bytes)
      throws IOException {
    try {
      Files.createDirectories(temporary.getParent());
      Files.write(temporary, bytes, StandardOpenOption.CREATE_NEW);
      return linked(target, temporary) || exclusively(target, bytes);
    } catch (NoSuchFileException e) {
      return exclusively(target, bytes); // temporary files were removed this very moment
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** Whether the link was made; not so where there is a file, or no link can be. */
  private static boolean linked(java.nio.file.Path target, java.nio.file.Path temporary) {
    try {
      Files.createLink(target, temporary);
      return true;
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  /** Without links: the name is taken in one step, and the text follows. */
  static boolean exclusively(java.nio.file.Path target, byte[] bytes) throws IOException {
    try {
      Files.createFile(target);
    } catch (FileAlreadyExistsException e) {
      return false;
    }
    try {
      Files.write(target, bytes);
      return true;
    } catch (IOException e) {
      // a name without a text would be somebody's who never speaks
      Files.deleteIfExists(target);
      throw e;
    }
  }
}
