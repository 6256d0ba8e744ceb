package io.cria.shard;

import io.cria.task.CriaException;
import io.cria.task.NoRoom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** All shards of a dataset as one numbered list of rows. Safe to read from many threads. */
public final class ShardSet {
  private final Path directory;
  private final List<ShardFile> files;

  /** Rows of all files before file i. */
  private final int[] firstRow;

  private final int rows;
  private final long learntTokens;

  private ShardSet(Path directory, List<ShardFile> files) {
    this.directory = directory;
    this.files = files;
    this.firstRow = new int[files.size()];
    int count = 0;
    long learnt = 0;
    for (int i = 0; i < files.size(); i++) {
      firstRow[i] = count;
      count = Math.addExact(count, files.get(i).header().rows());
      learnt += files.get(i).header().learntTokens();
    }
    this.rows = count;
    this.learntTokens = learnt;
  }

  /**
   * Maps the shards of a local directory and checks every one.
   *
   * @throws CriaException (bad input) when the manifest is missing, a shard is missing, truncated
   *     or damaged, two shards differ in tokenizer, layout or context length, or nothing in them is
   *     learnt
   */
  public static ShardSet open(Path directory) {
    List<ShardFile> files = new ArrayList<>();
    for (String name : names(directory)) {
      ShardFile file = ShardFile.open(directory.resolve(name));
      if (!files.isEmpty() && !sameKind(file.header(), files.get(0).header())) {
        throw CriaException.badInput(
            directory.resolve(name)
                + " is of another tokenizer, template or context length than the shards before:"
                + " write them again");
      }
      files.add(file);
    }
    ShardSet set = new ShardSet(directory, files);
    if (set.learntTokens == 0) {
      throw CriaException.badInput(
          directory + " has no token to learn: write the shards again from examples with answers");
    }
    return set;
  }

  /**
   * Copies a directory of shards and opens the copy: for shards on a file system that is not to be
   * mapped.
   */
  public static ShardSet openLocalCopy(Path source, Path local) {
    try {
      Files.createDirectories(local);
      for (String name : names(source)) {
        Files.copy(source.resolve(name), local.resolve(name), StandardCopyOption.REPLACE_EXISTING);
      }
      Files.copy(
          source.resolve(ShardWriter.MANIFEST),
          local.resolve(ShardWriter.MANIFEST),
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw NoRoom.or(
          local.toString(),
          e,
          () ->
              CriaException.badInput(
                  "cannot copy the shards of "
                      + source
                      + " to "
                      + local
                      + " ("
                      + e.getMessage()
                      + "): check the rights of both"));
    }
    return open(local);
  }

  private static boolean sameKind(ShardHeader left, ShardHeader right) {
    return left.tokenizerHash().equals(right.tokenizerHash())
        && left.templateHash().equals(right.templateHash())
        && left.contextLength() == right.contextLength();
  }

  private static List<String> names(Path directory) {
    Path manifest = directory.resolve(ShardWriter.MANIFEST);
    if (!Files.exists(manifest)) {
      throw CriaException.badInput(
          directory
              + " has no "
              + ShardWriter.MANIFEST
              + ": write the shards, or write them again to their end");
    }
    try {
      return ShardManifest.parse(Files.readString(manifest), manifest.toString()).files();
    } catch (IOException e) {
      throw ShardManifest.unreadable(manifest.toString());
    }
  }

  /**
   * Refuses shards that were made for another model or layout than those at hand.
   *
   * @param tokenizerHash {@link io.cria.tokenizer.ModelTokenizer#hash}
   * @param contextLength tokens the model takes at most
   */
  public void requireMadeFor(String tokenizerHash, int contextLength) {
    if (!tokenizerHash.equals(tokenizerHash())) {
      throw CriaException.badInput(
          directory
              + " holds shards of another tokenizer ("
              + head(tokenizerHash())
              + ", the model's is "
              + head(tokenizerHash)
              + "): write the shards again with this model");
    }
    if (contextLength() > contextLength) {
      throw CriaException.badInput(
          directory
              + " holds rows of "
              + contextLength()
              + " tokens, the model takes "
              + contextLength
              + ": write shorter ones");
    }
  }

  private static String head(String hash) {
    return hash.substring(0, Math.min(8, hash.length()));
  }

  public int rows() {
    return rows;
  }

  public long learntTokens() {
    return learntTokens;
  }

  public String tokenizerHash() {
    return files.get(0).header().tokenizerHash();
  }

  public String templateHash() {
    return files.get(0).header().templateHash();
  }

  public int contextLength() {
    return files.get(0).header().contextLength();
  }

  /** Row {@code index} of [0, {@link #rows()}). */
  public PackedRow row(int index) {
    int file = Arrays.binarySearch(firstRow, index);
    if (file < 0) {
      file = -file - 2;
    }
    return files.get(file).row(index - firstRow[file]);
  }
}
