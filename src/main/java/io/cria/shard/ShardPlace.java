package io.cria.shard;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.function.Function;

/**
 * A directory that is read for shards, on this machine's disk or elsewhere. Names are relative to
 * it, with {@code /}.
 */
public interface ShardPlace {
  /** Whether there is a directory. */
  boolean exists();

  /** Whether it holds a file or directory of this name. */
  boolean has(String name);

  /** The file's bytes; the caller closes the stream. */
  InputStream open(String name) throws IOException;

  /**
   * Reads a file that has to lie on this machine's disk: it itself or a copy, which is gone
   * afterwards.
   */
  <T> T whole(String name, Function<Path, T> reader);

  ShardPlace below(String name);

  ShardPlace parent();

  /** Its own name, without what stands before it. */
  String lastName();

  /** How errors call what is in it. */
  String describe(String name);

  /** How errors call it. */
  @Override
  String toString();
}
