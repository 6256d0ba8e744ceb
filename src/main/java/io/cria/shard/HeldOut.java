package io.cria.shard;

import io.cria.task.Ids;
import java.util.Collection;
import java.util.List;

/**
 * Which examples are held out for evaluation: those of a share of the instructions, so that no
 * instruction is on both sides. The instructions with the least keys are held out; a key is a hash
 * of the seed and the instruction's text, so the order of the examples, and who reads them, do not
 * matter.
 *
 * @param seed of the choice
 * @param lastKey the greatest key that is held out; empty when none is
 */
public record HeldOut(long seed, String lastKey) implements java.io.Serializable {
  /** An instruction's key. */
  public static String key(long seed, String instruction) {
    return Ids.sha256("held-out\n" + seed + "\n" + instruction);
  }

  /**
   * How many of so many instructions: the share, at least one where there is one to spare, and
   * never all.
   */
  public static int count(double share, int instructions) {
    if (share == 0 || instructions < 2) {
      return 0;
    }
    return (int) Math.min(instructions - 1L, Math.max(1, Math.round(share * instructions)));
  }

  /**
   * The choice among instructions.
   *
   * @param keys their distinct keys in any order
   */
  public static HeldOut among(Collection<String> keys, double share, long seed) {
    int count = count(share, keys.size());
    List<String> least = keys.stream().sorted().limit(count).toList();
    return new HeldOut(seed, count == 0 ? "" : least.get(count - 1));
  }

  public boolean holds(String instruction) {
    return !lastKey.isEmpty() && key(seed, instruction).compareTo(lastKey) <= 0;
  }
}
