package io.cria.page;

import io.cria.task.CriaException;
import io.cria.task.UserText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumSet;
import java.util.Set;

/** The word that visitors have to know. It is kept as a hash, and compared in constant time. */
public final class Password {
  private static final int SHORTEST = 8;
  private static final Set<PosixFilePermission> OF_OTHERS =
      EnumSet.of(
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE);

  private final byte[] hash;

  private Password(String word) {
    this.hash = hash(word);
  }

  /**
   * Reads the first line of a file.
   *
   * @throws CriaException (bad input) when it cannot be read, others can read or change it, or the
   *     password is short
   */
  public static Password read(Path file) {
    try {
      PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
      if (view != null
          && view.readAttributes().permissions().stream().anyMatch(OF_OTHERS::contains)) {
        throw CriaException.badInput(
            "the password lies open, " + file + ": take it from others by chmod 600");
      }
      String word = UserText.read(file).lines().findFirst().orElse("").strip();
      if (word.length() < SHORTEST) {
        throw CriaException.badInput(
            "the password is too short, "
                + file
                + ": write at least "
                + SHORTEST
                + " characters on its first line");
      }
      return new Password(word);
    } catch (NoSuchFileException e) {
      throw CriaException.badInput(
          "no such file, " + file + ": write the password on its first line, and chmod 600");
    } catch (IOException e) {
      throw CriaException.badInput(
          "the password cannot be read, " + file + " (" + e.getMessage() + "): give UTF-8 text");
    }
  }

  /** Whether this is the word. */
  boolean is(String given) {
    return MessageDigest.isEqual(hash, hash(given.strip()));
  }

  private static byte[] hash(String word) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(word.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
