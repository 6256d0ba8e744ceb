package io.cria.evaluate;

import org.apache.commons.math3.distribution.NormalDistribution;

/** Quantiles of the standard normal distribution. */
final class Normal {
  private Normal() {}

  /** The z that a standard normal value exceeds, up or down, with probability 1 - confidence. */
  static double twoSided(double confidence) {
    if (!(confidence > 0 && confidence < 1)) {
      throw new IllegalArgumentException("confidence must lie between 0 and 1, not " + confidence);
    }
    return quantile(0.5 + confidence / 2);
  }

  static double quantile(double probability) {
    // without a random source: nothing is drawn from it
    return new NormalDistribution(null, 0, 1).inverseCumulativeProbability(probability);
  }
}
