package io.cria.sft.ranks;

import io.cria.task.CriaException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one rank's process is to do, as a file of JSON. All paths are of its own machine.
 *
 * @param conf the run file
 * @param overrides laid over it: dotted key to YAML value
 * @param base the model, a directory or a GGUF file
 * @param baseName how the user named it, for cards and messages
 * @param shards directory with {@code train/}, perhaps {@code evaluation/}, and the tokenizer; it
 *     must stay as it is while the process runs
 * @param output directory of this rank alone
 * @param rank from 0
 * @param size how many ranks there are
 * @param host address on which this rank listens and is reached
 * @param silentSeconds after so long without a sign a rank counts as lost; 20 where absent
 * @param prepared directory to which the ranks of a host write the base once for all, where it must
 *     be written to train from it; it stays as it is while one of them runs. Absent: below the
 *     output, for this rank alone
 */
public record RankJob(
    String conf,
    Map<String, String> overrides,
    String base,
    String baseName,
    String shards,
    String output,
    int rank,
    int size,
    String host,
    @Nullable Integer silentSeconds,
    @Nullable String prepared) {
  /** Long enough for a machine that swaps, short enough that all have left within 30 s. */
  public static final int SILENT_SECONDS = 20;

  public RankJob {
    overrides = overrides == null ? Map.of() : Map.copyOf(overrides);
    if (size < 1 || rank < 0 || rank >= size || (silentSeconds != null && silentSeconds < 1)) {
      throw new IllegalArgumentException(
          "rank " + rank + " of " + size + ", silent for " + silentSeconds + " s, cannot be");
    }
  }

  /** After so long without a sign a rank counts as lost. */
  int secondsToLoss() {
    return silentSeconds == null ? SILENT_SECONDS : silentSeconds;
  }

  /**
   * @throws CriaException when it cannot be read
   */
  public static RankJob read(Path file) {
    try {
      return RankLines.read(Files.readString(file), RankJob.class);
    } catch (IOException e) {
      throw CriaException.badInput(
          "cannot read the rank's job "
              + file
              + " ("
              + String.valueOf(e.getMessage()).lines().findFirst().orElse("")
              + "): give what the training stage writes");
    }
  }

  /** The file's text. */
  public String json() {
    return RankLines.write(this) + "\n";
  }
}
