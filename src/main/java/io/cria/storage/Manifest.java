package io.cria.storage;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.cria.task.Ids;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What stands for a published unit (a directory, or a part of one): what it was made from, by what,
 * and what it holds. Has no time in it; but for {@code epoch}, equal inputs give an equal manifest.
 *
 * @param format version of this record
 * @param epoch of the lock under which it was committed: the fencing number; 0 where it stands as
 *     provenance
 * @param stage the stage that wrote it
 * @param stageVersion the stage's version
 * @param identity hash of the run's identity
 * @param random version of the generator behind its samples
 * @param inputs what it was made from
 * @param files what it holds
 * @param counts rows by reason, {@code kept} for those without one
 * @param asked of a part of the table {@code answers}: what asking it came to; null elsewhere
 * @param terms under which it is handed on, by key; null where none are stated
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Manifest(
    int format,
    long epoch,
    String stage,
    int stageVersion,
    String identity,
    String random,
    List<Input> inputs,
    List<File> files,
    Map<String, Long> counts,
    @Nullable AskedTotals asked,
    @Nullable Map<String, String> terms) {
  public static final int FORMAT = 2;

  /**
   * @param path below the run directory
   * @param sha256 of the file's bytes, or of what stands for them
   */
  public record Input(String path, String sha256) {}

  /**
   * @param name below the run directory
   * @param rows lines or rows; -1 where rows mean nothing
   * @param bytes size
   * @param sha256 of the bytes
   */
  public record File(String name, long rows, long bytes, String sha256) {
    /** The same below a directory. */
    public File in(String directory) {
      return new File(directory + "/" + name, rows, bytes, sha256);
    }
  }

  public Manifest {
    inputs = List.copyOf(inputs);
    files = List.copyOf(files);
    counts = new TreeMap<>(counts);
    terms = terms == null ? null : new TreeMap<>(terms);
  }

  /** Without terms. */
  public Manifest(
      int format,
      long epoch,
      String stage,
      int stageVersion,
      String identity,
      String random,
      List<Input> inputs,
      List<File> files,
      Map<String, Long> counts,
      @Nullable AskedTotals asked) {
    this(format, epoch, stage, stageVersion, identity, random, inputs, files, counts, asked, null);
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

  /** The same under another fencing number. */
  public Manifest withEpoch(long other) {
    return new Manifest(
        format, other, stage, stageVersion, identity, random, inputs, files, counts, asked, terms);
  }

  /** The same with other files. */
  public Manifest withFiles(List<File> other) {
    return new Manifest(
        format, epoch, stage, stageVersion, identity, random, inputs, other, counts, asked, terms);
  }

  /** The same with what asking came to. */
  public Manifest withAsked(AskedTotals totals) {
    return new Manifest(
        format, epoch, stage, stageVersion, identity, random, inputs, files, counts, totals, terms);
  }

  /** The same under terms; none are left out. */
  public Manifest withTerms(Map<String, String> stated) {
    return new Manifest(
        format,
        epoch,
        stage,
        stageVersion,
        identity,
        random,
        inputs,
        files,
        counts,
        asked,
        stated.isEmpty() ? null : stated);
  }

  /** What stands for the unit among the inputs of a later one: the hash of all but the epoch. */
  public String digest() {
    return Ids.sha256(Json.write(withEpoch(0)));
  }
}
