package io.cria.evaluate;

import java.util.List;
import java.util.Optional;

/**
 * The win rate that is left when length is accounted for, as length-controlled AlpacaEval does it
 * (Dubois et al., arXiv 2404.04475), without its terms for the difficulty of single tasks: a
 * logistic regression of the points on x = tanh(difference of lengths / its standard deviation);
 * the rate is the model's at x = 0. A ridge of weight {@value #RIDGE} on the slope keeps it finite
 * where length alone tells every winner. Ties enter as half a point.
 *
 * @param winRate the first model's for answers of equal length
 * @param interval of that rate, 95 %, from the information matrix
 * @param slope what a unit of x adds to the log odds: above 0, longer answers win more
 */
public record LengthControl(double winRate, Interval interval, double slope) {
  /** With fewer tasks two coefficients say little. */
  public static final int FEWEST_TASKS = 50;

  public static final double RIDGE = 1;

  private static final int STEPS = 100;
  private static final double CLOSE = 1e-12;

  /**
   * Fits; empty with fewer than {@value #FEWEST_TASKS} tasks, and where all points are wins or all
   * are losses, since the odds then have no bound.
   *
   * @param points the first model's by task, in [0, 1]
   * @param firstLengths of the first model's answers, in characters, by task
   * @param secondLengths of the second's
   */
  public static Optional<LengthControl> of(
      List<Double> points, List<Integer> firstLengths, List<Integer> secondLengths) {
    int n = points.size();
    if (firstLengths.size() != n || secondLengths.size() != n) {
      throw new IllegalArgumentException(
          n + " tasks, lengths of " + firstLengths.size() + " and " + secondLengths.size());
    }
    double[] y = points.stream().mapToDouble(Double::doubleValue).toArray();
    double total = points.stream().mapToDouble(Double::doubleValue).sum();
    if (n < FEWEST_TASKS || total == 0 || total == n) {
      return Optional.empty();
    }
    return Optional.of(fit(scaled(firstLengths, secondLengths), y));
  }

  /** tanh of the differences in units of their standard deviation; zeros when all are equal. */
  private static double[] scaled(List<Integer> first, List<Integer> second) {
    int n = first.size();
    double[] x = new double[n];
    double mean = 0;
    for (int i = 0; i < n; i++) {
      x[i] = (double) first.get(i) - second.get(i);
      mean += x[i] / n;
    }
    double squares = 0;
    for (double each : x) {
      squares += (each - mean) * (each - mean);
    }
    double deviation = Math.sqrt(squares / n);
    for (int i = 0; i < n; i++) {
      // equal differences tell nothing of length, whatever they are
      x[i] = deviation == 0 ? 0 : Math.tanh(x[i] / deviation);
    }
    return x;
  }

  /** Newton's method, each step halved until the likelihood with its ridge does not fall. */
  private static LengthControl fit(double[] x, double[] y) {
    double intercept = 0;
    double slope = 0;
    for (int step = 0; step < STEPS; step++) {
      Derivatives at = Derivatives.at(x, y, intercept, slope);
      double up = (at.c * at.gradientA - at.b * at.gradientB) / at.determinant();
      double turn = (at.a * at.gradientB - at.b * at.gradientA) / at.determinant();
      double before = likelihood(x, y, intercept, slope);
      while (likelihood(x, y, intercept + up, slope + turn) < before && size(up, turn) > CLOSE) {
        up /= 2;
        turn /= 2;
      }
      intercept += up;
      slope += turn;
      if (size(up, turn) <= CLOSE) {
        break;
      }
    }
    Derivatives last = Derivatives.at(x, y, intercept, slope);
    double error = Math.sqrt(last.c / last.determinant());
    double reach = Normal.twoSided(PairedComparison.CONFIDENCE) * error;
    return new LengthControl(
        share(intercept), new Interval(share(intercept - reach), share(intercept + reach)), slope);
  }

  private static double size(double a, double b) {
    return Math.abs(a) + Math.abs(b);
  }

  private static double likelihood(double[] x, double[] y, double intercept, double slope) {
    double sum = -RIDGE / 2 * slope * slope;
    for (int i = 0; i < x.length; i++) {
      double odds = intercept + slope * x[i];
      // y * odds - log(1 + exp(odds)), without overflow
      sum += y[i] * odds - Math.max(odds, 0) - Math.log1p(Math.exp(-Math.abs(odds)));
    }
    return sum;
  }

  private static double share(double odds) {
    return 1 / (1 + Math.exp(-odds));
  }

  /** The gradient, and the negative Hessian [[a, b], [b, c]], of the likelihood with its ridge. */
  private record Derivatives(double gradientA, double gradientB, double a, double b, double c) {
    static Derivatives at(double[] x, double[] y, double intercept, double slope) {
      double gradientA = 0;
      double gradientB = -RIDGE * slope;
      double a = 0;
      double b = 0;
      double c = RIDGE;
      for (int i = 0; i < x.length; i++) {
        double p = share(intercept + slope * x[i]);
        double weight = p * (1 - p);
        gradientA += y[i] - p;
        gradientB += (y[i] - p) * x[i];
        a += weight;
        b += weight * x[i];
        c += weight * x[i] * x[i];
      }
      return new Derivatives(gradientA, gradientB, a, b, c);
    }

    double determinant() {
      return a * c - b * b;
    }
  }
}
