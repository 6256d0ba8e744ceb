package io.cria.task;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * There is no room for what is to be written: a disk is full, or a quota is reached. Exit code 2;
 * the line tells the place, what is free there and what is needed, as far as that is known.
 */
public final class NoRoom extends CriaException {
  private static final long serialVersionUID = 1L;

  /** As systems and stores say it. */
  private static final List<String> WORDS =
      List.of(
          "No space left on device",
          "Disk quota exceeded",
          "File too large",
          "There is not enough space on the disk",
          "No space available in any of the local directories",
          "QuotaExceededException");

  /** Of so many bytes or more nobody says that they are no room. */
  private static final long LITTLE = 16L << 20;

  /** Whose exceptions, and errors, tell what a system said. */
  private static final String LIBRARIES = "org.apache.";

  /** How Spark tells which table it could not write. */
  private static final Pattern TABLE =
      Pattern.compile("while writing rows to (\\S+?)[.]?(?=\\s|$)");

  private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:");
  private static final Pattern LOCAL = Pattern.compile("file:(?://)?(?=/)");

  private NoRoom(String message, @Nullable Throwable cause) {
    super(ExitCode.BAD_INPUT, message, cause);
  }

  /**
   * How a failed write is told: as this where there was no room, else as {@code otherwise} has it.
   *
   * @param place what was written, a path or a URI
   * @param needed bytes of all that was to be written there; 0 where nobody knows
   */
  public static CriaException or(
      String place, long needed, Throwable thrown, Supplier<? extends CriaException> otherwise) {
    Optional<NoRoom> told = told(thrown);
    if (told.isPresent()) {
      return told.get();
    }
    Optional<String> word = word(thrown);
    return word.isPresent() ? of(place, needed, word.get(), thrown) : otherwise.get();
  }

  /** The same of what nobody knows the size of. */
  public static CriaException or(
      String place, Throwable thrown, Supplier<? extends CriaException> otherwise) {
    return or(place, 0, thrown, otherwise);
  }

  /**
   * Whether a failure is one for want of room.
   *
   * @param thrown the outermost of what was thrown
   */
  public static boolean isBehind(Throwable thrown) {
    return told(thrown).isPresent() || word(thrown).isPresent();
  }

  /**
   * What a failure for want of room is told as where no writer has named its place: by the file
   * that the system names, else by the first of the places where there may have been writing, or
   * one of temporary files that is full.
   *
   * @param places local directories or URIs
   */
  public static Optional<NoRoom> behind(Throwable thrown, String... places) {
    return told(thrown)
        .or(
            () ->
                word(thrown)
                    .map(
                        word ->
                            of(named(thrown).orElseGet(() -> fullest(places)), 0, word, thrown)));
  }

  /**
   * Makes sure of the room before anything is written.
   *
   * @param place a file that is to be made, or a directory
   * @throws NoRoom when so many bytes are not free there
   */
  public static void require(Path place, long needed) {
    OptionalLong free = free(place.toString());
    if (free.isPresent() && free.getAsLong() < needed) {
      throw new NoRoom(line(place.toString(), needed, free, ""), null);
    }
  }

  /** The same with something that matters to whoever reads it. */
  public NoRoom adding(String note) {
    return new NoRoom(getMessage() + "; " + note, this);
  }

  private static NoRoom of(String place, long needed, String word, Throwable thrown) {
    return new NoRoom(line(place, needed, free(place), " (" + word + ")"), thrown);
  }

  private static String line(String place, long needed, OptionalLong free, String word) {
    String there = free.isPresent() ? bytes(free.getAsLong()) + " free there, " : "";
    return "no room"
        + word
        + ", "
        + place
        + ": "
        + there
        + (needed > 0 ? bytes(needed) + " needed" : "more needed")
        + ": free some, or take another place, and give the same command again";
  }

  private static String bytes(long count) {
    return String.format(Locale.ROOT, "%,d bytes", count);
  }

  private static Optional<NoRoom> told(Throwable thrown) {
    return chain(thrown).stream()
        .filter(NoRoom.class::isInstance)
        .map(NoRoom.class::cast)
        .findFirst();
  }

  /** How the system said it. What is told in our words may repeat a server's: it says nothing. */
  private static Optional<String> word(Throwable thrown) {
    return chain(thrown).stream()
        .filter(
            each -> each instanceof IOException || each.getClass().getName().startsWith(LIBRARIES))
        .flatMap(each -> WORDS.stream().filter(String.valueOf(each.getMessage())::contains))
        .findFirst();
  }

  private static Optional<String> named(Throwable thrown) {
    for (Throwable each : chain(thrown)) {
      Matcher table = TABLE.matcher(String.valueOf(each.getMessage()));
      if (table.find()) {
        return Optional.of(table.group(1));
      }
      if (each instanceof FileSystemException named && named.getFile() != null) {
        return Optional.of(named.getFile());
      }
    }
    return Optional.empty();
  }

  /** The first, unless a disk of temporary files is fuller and all but full. */
  private static String fullest(String... places) {
    List<String> all = new ArrayList<>(List.of(places));
    String hosts = System.getenv("SPARK_LOCAL_DIRS");
    String own = System.getProperty("spark.local.dir");
    for (String list : new String[] {hosts, own, System.getProperty("java.io.tmpdir")}) {
      if (list != null && !list.isBlank()) {
        all.addAll(List.of(list.split(",")));
      }
    }
    String fullest = all.get(0);
    for (String place : all) {
      long free = free(place).orElse(Long.MAX_VALUE);
      if (free < LITTLE && free < free(fullest).orElse(Long.MAX_VALUE)) {
        fullest = place;
      }
    }
    return fullest;
  }

  /** Bytes that are free where a local file or directory is, or is to be. */
  private static OptionalLong free(String place) {
    String local = LOCAL.matcher(place).replaceFirst("");
    if (SCHEME.matcher(local).lookingAt()) {
      return OptionalLong.empty();
    }
    try {
      Path there = Path.of(local).toAbsolutePath();
      while (there.getParent() != null && !Files.exists(there)) {
        there = there.getParent();
      }
      FileStore store = Files.getFileStore(there);
      // some file systems do not know how large they are
      return store.getTotalSpace() > 0
          ? OptionalLong.of(store.getUsableSpace())
          : OptionalLong.empty();
    } catch (IOException | InvalidPathException e) {
      return OptionalLong.empty();
    }
  }

  private static List<Throwable> chain(Throwable thrown) {
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Throwable> chain = new ArrayList<>();
    for (Throwable each = thrown; each != null && seen.add(each); each = each.getCause()) {
      chain.add(each);
    }
    return chain;
  }
}
