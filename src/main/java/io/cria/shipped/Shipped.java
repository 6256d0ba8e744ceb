package io.cria.shipped;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.jspecify.annotations.Nullable;

/**
 * The shipped files, under the names that they have in a checkout: {@code conf/alpaca.yaml}. They
 * are found on the class path, packed in a jar or not.
 */
public final class Shipped {
  /** Begins the name of a file that is the shipped one, whatever lies on the disk. */
  public static final String SCHEME = "shipped:";

  public static final Shipped FILES = new Shipped(Shipped.class.getClassLoader());

  private static final String FOLDER = "conf";
  private static final String ROOT = "io/cria/shipped/";

  /** A file that is always there: beside it lie the others. */
  private static final String ANCHOR = FOLDER + "/prices.yaml";

  private final ClassLoader loader;
  private @Nullable NavigableSet<String> names;

  Shipped(ClassLoader loader) {
    this.loader = loader;
  }

  /** Whether this is the name of a shipped file, or of a folder with some. */
  public boolean has(String name) {
    String plain = plain(name);
    return names().contains(plain) || !below(plain).isEmpty();
  }

  /**
   * The shipped file or folder that a name means, as {@link #has} knows it: it says so, or nothing
   * of that name lies on the disk.
   */
  public Optional<String> meant(String name) {
    if (name.startsWith(SCHEME)) {
      return Optional.of(name.substring(SCHEME.length()));
    }
    return has(name) && !Files.exists(Path.of(name)) ? Optional.of(name) : Optional.empty();
  }

  /**
   * A shipped file's bytes.
   *
   * @throws FileNotFoundException when there is none
   */
  public InputStream open(String name) throws IOException {
    String plain = plain(name);
    InputStream in = names().contains(plain) ? loader.getResourceAsStream(ROOT + plain) : null;
    if (in == null) {
      throw new FileNotFoundException(name);
    }
    return in;
  }

  /**
   * A shipped file's text.
   *
   * @throws FileNotFoundException when there is none
   */
  public String text(String name) throws IOException {
    try (InputStream in = open(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /**
   * The names of the files directly in a folder, without it, sorted; none when it is not shipped.
   */
  public List<String> list(String folder) {
    return below(plain(folder)).stream().filter(name -> !name.contains("/")).toList();
  }

  /**
   * What an error about a name that is not there may add: {@code " (shipped are …)"} where the name
   * begins as shipped ones do, else nothing.
   */
  public String instead(String name) {
    String plain = plain(name);
    if (!plain.startsWith(FOLDER + "/")) {
      return "";
    }
    String folder = plain.substring(0, plain.lastIndexOf('/'));
    String near = list(folder).isEmpty() ? FOLDER : folder;
    return list(near).stream()
        .map(file -> near + "/" + file)
        .collect(Collectors.joining(", ", " (shipped are ", ")"));
  }

  private List<String> below(String folder) {
    String start = folder + "/";
    return names().tailSet(start).stream()
        .takeWhile(name -> name.startsWith(start))
        .map(name -> name.substring(start.length()))
        .toList();
  }

  /** Without {@code ./}, {@code //} and the like; as it is, where it is no name of a file. */
  private static String plain(String name) {
    try {
      return Path.of(name).normalize().toString();
    } catch (InvalidPathException e) {
      return name;
    }
  }

  private synchronized NavigableSet<String> names() {
    if (names == null) {
      try {
        names = read();
      } catch (IOException e) {
        throw new CriaException(
            ExitCode.FAULT, "the files in Cria's jar cannot be listed: build or get it again", e);
      }
    }
    return names;
  }

  private NavigableSet<String> read() throws IOException {
    URL anchor = loader.getResource(ROOT + ANCHOR);
    if (anchor == null) {
      throw new FileNotFoundException(ROOT + ANCHOR);
    }
    URLConnection connection = anchor.openConnection();
    if (!(connection instanceof JarURLConnection packed)) {
      return ofDirectory(
          Objects.requireNonNull(Path.of(URI.create(anchor.toString())).getParent()));
    }
    // a cached file would be closed for others of this process
    packed.setUseCaches(false);
    try (JarFile jar = packed.getJarFile()) {
      return jar.stream()
          .filter(entry -> !entry.isDirectory())
          .map(ZipEntry::getName)
          .filter(name -> name.startsWith(ROOT + FOLDER + "/"))
          .map(name -> name.substring(ROOT.length()))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  private static NavigableSet<String> ofDirectory(Path folder) throws IOException {
    Path above = Objects.requireNonNull(folder.getParent());
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> above.relativize(file).toString())
          .collect(Collectors.toCollection(TreeSet::new));
    } catch (UncheckedIOException e) {
      throw Objects.requireNonNull(e.getCause());
    }
  }
}
