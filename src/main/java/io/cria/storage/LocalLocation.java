package io.cria.storage;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;

/** On this machine's disk. */
final class LocalLocation extends Location {
  private final Path path;
  private final Configuration hadoop;

  LocalLocation(Path path, String name, Configuration hadoop) {
    super(name);
    this.path = path;
    this.hadoop = hadoop;
  }

  @Override
  public boolean exists() {
    return Files.exists(path);
  }

  @Override
  public InputStream open() throws IOException {
    return Files.newInputStream(path);
  }

  @Override
  public List<String> list() throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> String.valueOf(file.getFileName()))
          .sorted()
          .toList();
    }
  }

  @Override
  public Location child(String file) {
    return at(path.resolve(file));
  }

  @Override
  public Optional<Path> local() {
    return Optional.of(path);
  }

  @Override
  public String absolute() {
    return path.toAbsolutePath().normalize().toString();
  }

  @Override
  public WholeFile create() throws IOException {
    return new LocalWholeFile(path.toAbsolutePath());
  }

  @Override
  Location beside(String inFile) {
    Path folder = Objects.requireNonNull(path.toAbsolutePath().getParent(), "a file has a folder");
    return at(folder.resolve(inFile));
  }

  private Location at(Path other) {
    return new LocalLocation(other, other.toString(), hadoop);
  }

  @Override
  Configuration hadoop() {
    return hadoop;
  }
}
