package io.cria.shard;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;

/**
 * On this machine's disk.
 *
 * @param directory need not exist
 * @param named as the user wrote it
 */
public record LocalPlace(Path directory, String named) implements ShardPlace {
  public LocalPlace(Path directory) {
    this(directory, directory.toString());
  }

  @Override
  public boolean exists() {
    return Files.isDirectory(directory);
  }

  @Override
  public boolean has(String name) {
    return Files.exists(directory.resolve(name));
  }

  @Override
  public InputStream open(String name) throws IOException {
    return Files.newInputStream(directory.resolve(name));
  }

  @Override
  public <T> T whole(String name, Function<Path, T> reader) {
    return reader.apply(directory.resolve(name));
  }

  @Override
  public ShardPlace below(String name) {
    return new LocalPlace(directory.resolve(name));
  }

  @Override
  public ShardPlace parent() {
    Path whole = directory.toAbsolutePath().normalize();
    return new LocalPlace(whole.resolveSibling(""));
  }

  @Override
  public String lastName() {
    Path name = directory.toAbsolutePath().normalize().getFileName();
    return name == null ? "" : name.toString();
  }

  @Override
  public String describe(String name) {
    return directory.resolve(name).toString();
  }

  @Override
  public String toString() {
    return named;
  }
}
