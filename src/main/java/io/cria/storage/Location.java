package io.cria.storage;

import io.cria.shipped.Shipped;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.UserText;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;

/**
 * A file or folder that a user names.
 *
 * <p>A name with a scheme ({@code s3a://bucket/own.yaml}, {@code hdfs://…}) is Hadoop's; a local
 * file or folder of that name comes next; then what Cria ships under it, {@code conf/alpaca.yaml}.
 * A name that is none of these is a local one that does not exist. {@code shipped:conf/alpaca.yaml}
 * is the shipped one in any case.
 *
 * <p>{@link #toString} is the name as the user wrote it, for messages.
 */
public abstract sealed class Location permits LocalLocation, StoreLocation, ShippedLocation {
  private static final Pattern SCHEMED =
      Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:/.*", Pattern.DOTALL);
  private static final Pattern LOCAL_URI = Pattern.compile("file:(?://)?(?=/)", Pattern.DOTALL);

  private final String name;

  Location(String name) {
    this.name = name;
  }

  /**
   * The place a name means.
   *
   * @param hadoop used for names with a scheme
   * @throws CriaException (bad input) when it cannot be a name
   */
  public static Location of(String name, Configuration hadoop) {
    return Shipped.FILES
        .meant(name)
        .<Location>map(shipped -> new ShippedLocation(shipped, name, hadoop))
        .orElseGet(() -> written(name, hadoop));
  }

  /** The same for a file that is to be written: nothing that is shipped. */
  public static Location toWrite(String name, Configuration hadoop) {
    return written(name, hadoop);
  }

  private static Location written(String name, Configuration hadoop) {
    String local = LOCAL_URI.matcher(name).replaceFirst("");
    try {
      return SCHEMED.matcher(local).matches()
          ? new StoreLocation(new org.apache.hadoop.fs.Path(name), name, hadoop)
          : new LocalLocation(Path.of(local), name, hadoop);
    } catch (IllegalArgumentException e) {
      throw new CriaException(
          ExitCode.BAD_INPUT, name + ": this is no path: give a path or a URI", e);
    }
  }

  /**
   * The place that a name means which stands in this file: taken from this file's folder, unless it
   * is absolute or has a scheme. Where nothing is there and Cria ships a file of the name, that
   * one.
   */
  public final Location resolve(String inFile) {
    if (inFile.startsWith(Shipped.SCHEME)
        || inFile.startsWith("/")
        || SCHEMED.matcher(inFile).matches()) {
      return of(inFile, hadoop());
    }
    Location beside;
    try {
      beside = beside(inFile);
    } catch (IllegalArgumentException e) {
      throw new CriaException(
          ExitCode.BAD_INPUT, this + ": '" + inFile + "' is no path: give a path or a URI", e);
    }
    return Shipped.FILES.has(inFile) && !beside.exists()
        ? new ShippedLocation(inFile, inFile, hadoop())
        : beside;
  }

  /** The whole text, UTF-8, without a byte order mark. */
  public final String text(String remedy) {
    return UserText.withoutMark(content(remedy));
  }

  /** The whole text as it lies there, a byte order mark included: for what is kept and hashed. */
  public final String content(String remedy) {
    try (InputStream in = open()) {
      return UserText.whole(in.readAllBytes());
    } catch (IOException e) {
      throw unreadable(remedy, e);
    }
  }

  /**
   * What to tell when it could not be read.
   *
   * @param remedy what to do
   */
  public final CriaException unreadable(String remedy, IOException e) {
    boolean absent = e instanceof NoSuchFileException || e instanceof FileNotFoundException;
    return new CriaException(
        ExitCode.BAD_INPUT,
        name
            + (absent ? ": no such file: " : ": cannot be read (" + reason(e) + "): ")
            + remedy
            + (absent ? Shipped.FILES.instead(shippedName()) : ""),
        e);
  }

  /** The name without a scheme of ours, to find its like among the shipped ones. */
  String shippedName() {
    return name;
  }

  static String reason(IOException e) {
    if (e instanceof CharacterCodingException) {
      return "not UTF-8";
    }
    String message = e.getMessage();
    return message == null
        ? e.getClass().getSimpleName()
        : message.lines().findFirst().orElse("").strip();
  }

  /** Whether there is a file or a folder. */
  public abstract boolean exists();

  /**
   * The file's bytes.
   *
   * @throws IOException {@link NoSuchFileException} or {@link FileNotFoundException} when there is
   *     none
   */
  public abstract InputStream open() throws IOException;

  /**
   * The names of the files directly in this folder, sorted.
   *
   * @throws IOException when it is no folder
   */
  public abstract List<String> list() throws IOException;

  /** The file of that name in this folder. */
  public abstract Location child(String file);

  /** Where it lies on this machine's disk, if it does. */
  public Optional<Path> local() {
    return Optional.empty();
  }

  /** A name that means this place wherever it is read. */
  public abstract String absolute();

  /** Begins a file of this name that nobody sees before it is whole. */
  public abstract WholeFile create() throws IOException;

  /** What {@code inFile}, which is relative, means from this file's folder. */
  abstract Location beside(String inFile);

  abstract Configuration hadoop();

  @Override
  public final boolean equals(Object other) {
    return other instanceof Location location && location.absolute().equals(absolute());
  }

  @Override
  public final int hashCode() {
    return absolute().hashCode();
  }

  @Override
  public final String toString() {
    return name;
  }
}
