package io.cria.evaluate;

import io.cria.task.SeededRandom;
import java.util.Arrays;
import java.util.List;

/**
 * The interval of a mean over tasks by drawing tasks anew, with replacement (Efron's percentile
 * method). Tasks are what is drawn, since another set of tasks is what the result should hold for.
 */
public final class TaskBootstrap {
  /** Draws of a whole set; the ends then move by less than a third of a point in a hundred. */
  public static final int DRAWS = 10_000;

  private static final String STREAM = "task-bootstrap";

  private TaskBootstrap() {}

  /**
   * The interval of the mean, the same for the same arguments.
   *
   * @param points one figure a task, at least one
   * @param confidence such as 0.95
   * @param seed the run's seed
   */
  public static Interval ofMean(List<Double> points, double confidence, long seed) {
    int n = points.size();
    if (n == 0 || !(confidence > 0 && confidence < 1)) {
      throw new IllegalArgumentException(n + " tasks, confidence " + confidence);
    }
    double[] values = points.stream().mapToDouble(Double::doubleValue).toArray();
    SeededRandom random = SeededRandom.of(seed, STREAM, 0, 0);
    double[] means = new double[DRAWS];
    for (int draw = 0; draw < DRAWS; draw++) {
      double sum = 0;
      for (int i = 0; i < n; i++) {
        sum += values[random.nextInt(n)];
      }
      means[draw] = sum / n;
    }
    Arrays.sort(means);
    double tail = (1 - confidence) / 2;
    return new Interval(quantile(means, tail), quantile(means, 1 - tail));
  }

  /** Linear between the neighbours, as R's type 7 and numpy's default. */
  static double quantile(double[] sorted, double probability) {
    double at = probability * (sorted.length - 1);
    int below = (int) Math.floor(at);
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }
}
