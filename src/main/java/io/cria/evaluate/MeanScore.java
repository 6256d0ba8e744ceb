package io.cria.evaluate;

import java.util.List;

/**
 * A mean over items with the interval that drawing items anew gives.
 *
 * @param items that it is the mean of
 * @param interval 95 %
 */
public record MeanScore(int items, double mean, Interval interval) {
  /**
   * @param values one an item, at least one
   * @param seed the run's, for the interval
   */
  static MeanScore of(List<Double> values, long seed) {
    return new MeanScore(
        values.size(),
        values.stream().mapToDouble(Double::doubleValue).average().orElseThrow(),
        TaskBootstrap.ofMean(values, PairedComparison.CONFIDENCE, seed));
  }
}
