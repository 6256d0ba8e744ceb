package io.cria.evaluate;

import io.cria.task.CriaException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Whether comparisons put models on one bounded scale (Ford, 1957): however they are split in two,
 * each side has points from the other.
 */
final class CommonScale {
  private final List<String> models;
  private final double[][] won;

  private CommonScale(List<String> models, double[][] won) {
    this.models = models;
    this.won = won;
  }

  /**
   * Refuses what has no such scale, and names the models.
   *
   * @param won by model and opponent, the points
   */
  static void require(List<String> models, double[][] won) {
    CommonScale scale = new CommonScale(models, won);
    boolean[] connected = scale.reached(0, true);
    if (IntStream.range(0, models.size()).anyMatch(i -> !connected[i])) {
      throw CriaException.badInput(
          "no common scale, "
              + scale.named(connected, true)
              + " and "
              + scale.named(connected, false)
              + " were never compared: judge pairs between them, or rank each group alone");
    }
    for (int i = 0; i < models.size(); i++) {
      boolean[] below = scale.reached(i, false);
      if (!scale.named(below, false).isEmpty()) {
        throw CriaException.badInput(
            "no bounded scale, "
                + scale.named(below, true)
                + " won nothing from "
                + scale.named(below, false)
                + ": judge more tasks, or compare by pairs");
      }
    }
  }

  /** The models reached from one over points won, or over points of either. */
  private boolean[] reached(int start, boolean either) {
    boolean[] reached = new boolean[models.size()];
    reached[start] = true;
    Deque<Integer> open = new ArrayDeque<>(List.of(start));
    while (!open.isEmpty()) {
      int i = open.remove();
      for (int j = 0; j < models.size(); j++) {
        boolean edge = won[i][j] > 0 || (either && won[j][i] > 0);
        if (edge && !reached[j]) {
          reached[j] = true;
          open.add(j);
        }
      }
    }
    return reached;
  }

  private String named(boolean[] members, boolean inside) {
    return String.join(
        ", ",
        IntStream.range(0, members.length)
            .filter(i -> members[i] == inside)
            .mapToObj(models::get)
            .toList());
  }
}
