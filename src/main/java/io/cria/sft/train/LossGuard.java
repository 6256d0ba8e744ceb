package io.cria.sft.train;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Tells steps that must not change the weights: a loss or gradient that is not finite, or a loss
 * far above the latest ones.
 */
final class LossGuard {
  static final String NOT_FINITE = "not_finite";
  static final String SPIKE = "spike";

  private final SftConfig.Guards settings;
  private final Deque<Double> losses = new ArrayDeque<>();
  private int skippedInRow;

  LossGuard(SftConfig.Guards settings) {
    this.settings = settings;
  }

  /** Goes on with the losses of an earlier run, oldest first. */
  void resume(List<Double> earlier, int skipped) {
    losses.addAll(earlier);
    skippedInRow = skipped;
  }

  /** Why the step is to be skipped; empty for a good one, whose loss is remembered. */
  Optional<String> judge(double loss, double gradientNorm) {
    if (!Double.isFinite(loss) || !Double.isFinite(gradientNorm)) {
      skippedInRow++;
      return Optional.of(NOT_FINITE);
    }
    if (settings.spikeFactor() > 0
        && losses.size() >= settings.spikeWindow()
        && loss > settings.spikeFactor() * median()) {
      skippedInRow++;
      return Optional.of(SPIKE);
    }
    skippedInRow = 0;
    losses.addLast(loss);
    if (losses.size() > settings.spikeWindow()) {
      losses.removeFirst();
    }
    return Optional.empty();
  }

  private double median() {
    double[] sorted = losses.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  /** Whether more steps in a row were skipped than are allowed. */
  boolean gaveUp() {
    return skippedInRow > settings.maxSkipped();
  }

  int skippedInRow() {
    return skippedInRow;
  }

  /** The losses looked back on, oldest first. */
  List<Double> losses() {
    return List.copyOf(losses);
  }
}
