package io.cria.train;

import org.apache.spark.util.AccumulatorV2;

/** The loss of the latest step, as Spark's pages show it while the ranks train. */
final class LastLoss extends AccumulatorV2<Double, Double> {
  private static final long serialVersionUID = 1L;

  private double loss;

  @Override
  public boolean isZero() {
    return loss == 0;
  }

  @Override
  public AccumulatorV2<Double, Double> copy() {
    LastLoss copy = new LastLoss();
    copy.loss = loss;
    return copy;
  }

  @Override
  public void reset() {
    loss = 0;
  }

  @Override
  public void add(Double latest) {
    loss = latest;
  }

  @Override
  public void merge(AccumulatorV2<Double, Double> other) {
    if (!other.isZero()) {
      loss = other.value();
    }
  }

  @Override
  public Double value() {
    return loss;
  }
}
