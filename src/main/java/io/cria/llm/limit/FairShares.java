package io.cria.llm.limit;

import java.util.Arrays;

/** Max-min fair division of a rate. */
final class FairShares {
  private FairShares() {}

  /**
   * Nobody's share can be raised without lowering that of somebody who has no more: whoever wants
   * less than an even part has what he wants, and the rest is parted evenly among the others. What
   * nobody wants is parted evenly among all, so that a share may grow before the next division.
   *
   * @param total to divide, finite
   * @param wants of each, at least 0
   * @return shares, in the order of {@code wants}, of sum {@code total}
   */
  static double[] of(double total, double[] wants) {
    int n = wants.length;
    double[] shares = new double[n];
    Integer[] order = new Integer[n];
    for (int i = 0; i < n; i++) {
      order[i] = i;
    }
    Arrays.sort(order, (a, b) -> Double.compare(wants[a], wants[b]));
    double left = total;
    for (int i = 0; i < n; i++) {
      double even = left / (n - i);
      double share = Math.min(wants[order[i]], even);
      shares[order[i]] = share;
      left -= share;
    }
    for (int i = 0; i < n; i++) {
      shares[i] += left / n;
    }
    return shares;
  }
}
