package io.cria.shard;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * Directories that training writes on this machine: shards, checkpoints, base models, what ranks
 * work in.
 */
public final class LocalDirectory {
  private LocalDirectory() {}

  /**
   * Moves a directory that is whole to its place, and what lies there out of the way and off the
   * disk. A failure leaves the old one in its place.
   *
   * @param fresh on the same disk
   */
  public static void replace(Path fresh, Path place) throws IOException {
    Path aside = place.resolveSibling("." + place.getFileName() + ".replaced");
    delete(aside);
    if (Files.exists(place)) {
      Files.move(place, aside, StandardCopyOption.ATOMIC_MOVE);
    }
    try {
      Files.move(fresh, place, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      if (Files.exists(aside)) {
        Files.move(aside, place, StandardCopyOption.ATOMIC_MOVE);
      }
      throw e;
    }
    try {
      delete(aside);
    } catch (IOException e) {
      // the new one stands; the next replacement takes the rest away
      System.getLogger(LocalDirectory.class.getName())
          .log(System.Logger.Level.WARNING, "{0} stays: {1}", aside, e.getMessage());
    }
  }

  /**
   * Moves what lies in a directory up into the one around it, which has nothing else: a mount point
   * cannot be replaced.
   *
   * @param last a file that makes the whole: it comes after all others
   */
  public static void moveUp(Path inner, String last) throws IOException {
    Path outer = inner.resolveSibling("");
    try (Stream<Path> made = Files.list(inner)) {
      for (Path each : made.filter(file -> !file.endsWith(last)).sorted().toList()) {
        Files.move(each, outer.resolve(each.getFileName()), StandardCopyOption.ATOMIC_MOVE);
      }
    }
    Files.move(inner.resolve(last), outer.resolve(last), StandardCopyOption.ATOMIC_MOVE);
    Files.delete(inner);
  }

  /** Deletes a file or a directory with all it holds; nothing where there is none. */
  public static void delete(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(path)) {
      for (Path each : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    }
  }
}
