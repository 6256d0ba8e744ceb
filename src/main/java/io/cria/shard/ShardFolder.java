package io.cria.shard;

import io.cria.task.CriaException;
import java.util.List;
import java.util.Optional;

/**
 * A dataset's shards as somebody names them.
 *
 * @param root the directory of its sides
 * @param sides those that are there, training first
 */
public record ShardFolder(ShardPlace root, List<String> sides) {
  /** Below what the shards may lie that is named in their place: a run, a training's output. */
  private static final List<String> BELOW = List.of("shards", "checkpoint/shards");

  private static final String REMEDY =
      ": give a directory that cria shards, cria stage shards or cria train-local wrote";

  public ShardFolder {
    sides = List.copyOf(sides);
  }

  /**
   * The shards that are meant by a directory: shards, one side of them alone, a run, or what a
   * training put out.
   *
   * @throws CriaException (bad input) when there are none
   */
  public static ShardFolder find(ShardPlace named) {
    if (!named.exists()) {
      throw CriaException.badInput(named + ": there is no directory here" + REMEDY);
    }
    if (named.has(ShardWriter.MANIFEST)) {
      return new ShardFolder(named.parent(), List.of(named.lastName()));
    }
    return whole(named)
        .or(() -> BELOW.stream().flatMap(name -> whole(named.below(name)).stream()).findFirst())
        .orElseThrow(() -> none(named));
  }

  private static Optional<ShardFolder> whole(ShardPlace root) {
    if (!root.has(ShardPart.TRAINING + "/" + ShardWriter.MANIFEST)) {
      return Optional.empty();
    }
    boolean heldOut = root.has(ShardPart.EVALUATION + "/" + ShardWriter.MANIFEST);
    return Optional.of(
        new ShardFolder(
            root,
            heldOut
                ? List.of(ShardPart.TRAINING, ShardPart.EVALUATION)
                : List.of(ShardPart.TRAINING)));
  }

  private static CriaException none(ShardPlace named) {
    if (named.has("run.json")) {
      return CriaException.badInput(
          named
              + ": this run has no shards: write them, cria stage shards --run "
              + named
              + " --sft-conf CONF");
    }
    return CriaException.badInput(
        named
            + " holds no shards, or none that are whole (no "
            + ShardPart.TRAINING
            + "/"
            + ShardWriter.MANIFEST
            + ")"
            + REMEDY);
  }

  /** What became of the examples of one of the sides. */
  public ShardCounts counts(String side) {
    return ShardManifest.read(root.below(side)).counts();
  }

  /** The examples of one of the sides, to be looked at. */
  public ShardExamples examples(String side) {
    return ShardExamples.open(root.below(side));
  }
}
