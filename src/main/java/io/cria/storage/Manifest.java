package io.cria.storage;

import java.util.List;
import java.util.Map;

/**
 * What stands beside every published table part: what it was made from, by what, and what it holds.
 * Has no time in it, so that equal inputs give an equal manifest.
 *
 * @param format version of this record
 * @param stage the stage that wrote it
 * @param stageVersion the stage's version
 * @param identity hash of the run's identity
 * @param random version of the generator behind its samples
 * @param inputs what it was made from
 * @param files what it holds
 * @param counts rows by reason, {@code kept} for those without one
 */
public record Manifest(
    int format,
    String stage,
    int stageVersion,
    String identity,
    String random,
    List<Input> inputs,
    List<File> files,
    Map<String, Long> counts) {
  public static final int FORMAT = 1;
  public static final String FILE = "_manifest.json";

  /**
   * @param path below the run directory
   * @param sha256 of the file's bytes, or of what stands for them
   */
  public record Input(String path, String sha256) {}

  /**
   * @param name within the directory of the manifest
   * @param rows lines or rows; -1 where rows mean nothing
   * @param bytes size
   * @param sha256 of the bytes
   */
  public record File(String name, long rows, long bytes, String sha256) {}

  public Manifest {
    inputs = List.copyOf(inputs);
    files = List.copyOf(files);
    counts = Map.copyOf(counts);
  }

  public long rows() {
    return files.stream().mapToLong(File::rows).sum();
  }

  /** Whether work done for {@code other} need not be done again. */
  public boolean answers(String stage, int stageVersion, String identity, List<Input> inputs) {
    return this.stage.equals(stage)
        && this.stageVersion == stageVersion
        && this.identity.equals(identity)
        && this.inputs.equals(inputs);
  }
}
