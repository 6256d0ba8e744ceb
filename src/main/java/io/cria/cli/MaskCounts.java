package io.cria.cli;

import io.cria.shard.ShardCounts;
import io.cria.tokenizer.TrainingText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.ToLongFunction;

/** What became of a dataset's examples, a column for each side, a line for each count. */
final class MaskCounts {
  private static final int WIDTH = 12;

  private final Map<String, ShardCounts> sides;
  private final StringBuilder text = new StringBuilder();

  private MaskCounts(Map<String, ShardCounts> sides) {
    this.sides = sides;
  }

  /**
   * The lines.
   *
   * @param sides by name, in order
   */
  static String of(Map<String, ShardCounts> sides) {
    MaskCounts counts = new MaskCounts(sides);
    counts.write();
    return counts.text.toString();
  }

  private void write() {
    line(List.copyOf(sides.keySet()), "");
    count(ShardCounts::examples, "examples");
    count(ShardCounts::written, "in the rows");
    count(ShardCounts::cut, "  of them cut: too long");
    count(ShardCounts::partly, "  of them in part: an answer's sequence was too long");
    count(ShardCounts::dropped, "left out: too long");
    count(ShardCounts::withoutLabels, "left out: nothing to learn");
    TreeSet<String> reasons = new TreeSet<>();
    sides.values().forEach(side -> reasons.addAll(side.refused().keySet()));
    for (String reason : reasons) {
      count(
          side -> side.refused().getOrDefault(reason, 0L),
          "left out, " + reason + ": " + meaning(reason));
    }
    count(ShardCounts::sequences, "sequences");
    count(ShardCounts::rows, "rows");
    count(ShardCounts::tokens, "tokens");
    count(ShardCounts::learntTokens, "learnt tokens");
    List<String> shares = new ArrayList<>();
    for (ShardCounts side : sides.values()) {
      double share = side.tokens() == 0 ? 0 : 100.0 * side.learntTokens() / side.tokens();
      shares.add(String.format(Locale.ROOT, "%.1f %%", share));
    }
    line(shares, "learnt of all tokens");
  }

  /** Shards of a later version may have reasons that are not known here. */
  private static String meaning(String reason) {
    try {
      return TrainingText.meaning(reason);
    } catch (IllegalArgumentException e) {
      return "a reason that this version does not know";
    }
  }

  private void count(ToLongFunction<ShardCounts> count, String what) {
    line(
        sides.values().stream().map(side -> String.valueOf(count.applyAsLong(side))).toList(),
        what);
  }

  private void line(List<String> cells, String what) {
    StringBuilder line = new StringBuilder();
    cells.forEach(cell -> line.append(String.format(Locale.ROOT, "%" + WIDTH + "s", cell)));
    text.append(line.append("  ").append(what).toString().stripTrailing()).append('\n');
  }
}
