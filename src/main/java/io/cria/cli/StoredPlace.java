package io.cria.cli;

import io.cria.shard.ShardPlace;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.NoRoom;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/** Shards wherever Hadoop reaches; a file that has to lie on the disk is copied there. */
final class StoredPlace implements ShardPlace {
  private final RunDirectory directory;
  private final Configuration hadoop;
  private final String named;

  private StoredPlace(RunDirectory directory, Configuration hadoop, String named) {
    this.directory = directory;
    this.hadoop = hadoop;
    this.named = named;
  }

  /**
   * @param named a path or URI, as the user wrote it
   * @throws CriaException when its file system is unknown or out of reach
   */
  static StoredPlace at(String named, Configuration hadoop) {
    return new StoredPlace(RunDirectory.at(named, hadoop), hadoop, named);
  }

  @Override
  public boolean exists() {
    return directory.exists(".");
  }

  @Override
  public boolean has(String name) {
    return directory.exists(name);
  }

  @Override
  public InputStream open(String name) {
    return directory.open(name);
  }

  @Override
  public <T> T whole(String name, Function<Path, T> reader) {
    Path copy = null;
    try {
      copy = Files.createTempFile("cria-shard", ".bin");
      try (InputStream in = open(name)) {
        Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
      }
      return reader.apply(copy);
    } catch (IOException e) {
      throw NoRoom.or(
          System.getProperty("java.io.tmpdir"),
          e,
          () ->
              new CriaException(
                  ExitCode.BAD_INPUT,
                  describe(name)
                      + ": cannot be copied to the local disk ("
                      + e.getMessage()
                      + "): look at java.io.tmpdir",
                  e));
    } finally {
      delete(copy);
    }
  }

  private static void delete(@Nullable Path copy) {
    try {
      if (copy != null) {
        Files.deleteIfExists(copy);
      }
    } catch (IOException e) {
      throw new CriaException(
          ExitCode.FAULT, copy + ": cannot be deleted (" + e.getMessage() + "): delete it", e);
    }
  }

  @Override
  public ShardPlace below(String name) {
    return at(directory.path(name), hadoop);
  }

  @Override
  public ShardPlace parent() {
    return at(Objects.requireNonNullElse(root().getParent(), root()).toString(), hadoop);
  }

  @Override
  public String lastName() {
    return root().getName();
  }

  private org.apache.hadoop.fs.Path root() {
    return new org.apache.hadoop.fs.Path(directory.root());
  }

  @Override
  public String describe(String name) {
    return directory.path(name);
  }

  @Override
  public String toString() {
    return named;
  }
}
