package io.cria.evaluate;

import io.cria.task.CriaException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import org.apache.commons.math3.linear.LUDecomposition;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * Several models on one scale (Bradley and Terry, Biometrika 1952): a beats b with odds
 * exp(strength of a - strength of b); the strengths have mean 0. A tie counts as half a win of
 * each. The maximum of the likelihood is found by Hunter's MM steps (Annals of Statistics 2004);
 * the intervals are of the information matrix, with that mean held at 0. Ties vary less than the
 * wins they stand for, so with many of them the intervals are a little too wide; and tasks shared
 * by several comparisons are taken as separate ones.
 */
public final class BradleyTerry {
  private static final int STEPS = 1_000_000;
  private static final double CLOSE = 1e-13;

  private final List<String> models;
  private final double[] strengths;
  private final RealMatrix covariance;

  /**
   * One comparison.
   *
   * @param points the first model's: 1, 0, or one half for a tie
   */
  public record Match(String first, String second, double points) {
    public Match {
      if (first.equals(second) || !(points >= 0 && points <= 1)) {
        throw new IllegalArgumentException(first + " against " + second + ": " + points);
      }
    }
  }

  /**
   * A model's place.
   *
   * @param strength in log odds, against the mean of all models
   * @param interval of it, 95 %
   */
  public record Ranked(String model, double strength, Interval interval) {}

  private BradleyTerry(List<String> models, double[] strengths, RealMatrix covariance) {
    this.models = models;
    this.strengths = strengths;
    this.covariance = covariance;
  }

  /**
   * Fits.
   *
   * @throws CriaException (bad input) when models are not connected by comparisons, or some won
   *     every comparison with all the others: then there is no common scale, or no end of it
   */
  public static BradleyTerry of(List<Match> matches) {
    TreeSet<String> names = new TreeSet<>();
    for (Match match : matches) {
      names.add(match.first());
      names.add(match.second());
    }
    List<String> models = List.copyOf(names);
    if (models.isEmpty()) {
      throw CriaException.badInput("no comparisons to rank models by: judge some pairs");
    }
    double[][] won = new double[models.size()][models.size()];
    for (Match match : matches) {
      int first = models.indexOf(match.first());
      int second = models.indexOf(match.second());
      won[first][second] += match.points();
      won[second][first] += 1 - match.points();
    }
    CommonScale.require(models, won);
    double[] strengths = strengths(won);
    return new BradleyTerry(models, strengths, covariance(won, strengths));
  }

  /** All models, the strongest first; equal ones by name. */
  public List<Ranked> ranking() {
    List<Ranked> ranking = new ArrayList<>();
    for (int i = 0; i < models.size(); i++) {
      Interval interval = around(strengths[i], covariance.getEntry(i, i));
      ranking.add(new Ranked(models.get(i), strengths[i], interval));
    }
    ranking.sort(
        Comparator.comparingDouble(Ranked::strength).reversed().thenComparing(Ranked::model));
    return List.copyOf(ranking);
  }

  /** The probability that {@code first} beats {@code second}. */
  public double winProbability(String first, String second) {
    return share(strengths[index(first)] - strengths[index(second)]);
  }

  /** The 95 % interval of that probability: by it two models are told apart. */
  public Interval winInterval(String first, String second) {
    int i = index(first);
    int j = index(second);
    double variance =
        covariance.getEntry(i, i) + covariance.getEntry(j, j) - 2 * covariance.getEntry(i, j);
    Interval odds = around(strengths[i] - strengths[j], variance);
    return new Interval(share(odds.low()), share(odds.high()));
  }

  private int index(String model) {
    int index = models.indexOf(model);
    if (index < 0) {
      throw new IllegalArgumentException("not among the models compared: " + model);
    }
    return index;
  }

  private static Interval around(double value, double variance) {
    double reach = Normal.twoSided(PairedComparison.CONFIDENCE) * Math.sqrt(Math.max(0, variance));
    return new Interval(value - reach, value + reach);
  }

  private static double share(double odds) {
    return 1 / (1 + Math.exp(-odds));
  }

  private static double[] strengths(double[][] won) {
    int n = won.length;
    double[] strengths = new double[n];
    for (int step = 0; step < STEPS; step++) {
      double[] next = new double[n];
      double mean = 0;
      for (int i = 0; i < n; i++) {
        next[i] = Math.log(step(won, strengths, i));
        mean += next[i] / n;
      }
      double moved = 0;
      for (int i = 0; i < n; i++) {
        next[i] -= mean;
        moved = Math.max(moved, Math.abs(next[i] - strengths[i]));
      }
      strengths = next;
      if (moved < CLOSE) {
        break;
      }
    }
    return strengths;
  }

  /** One model's next worth: its points over the sum of n / (worth + other's worth). */
  private static double step(double[][] won, double[] strengths, int i) {
    double points = 0;
    double weight = 0;
    for (int j = 0; j < won.length; j++) {
      points += won[i][j];
      double times = won[i][j] + won[j][i];
      if (times > 0) {
        weight += times / (Math.exp(strengths[i]) + Math.exp(strengths[j]));
      }
    }
    return points / weight;
  }

  /** The inverse of the information matrix on strengths of mean 0. */
  private static RealMatrix covariance(double[][] won, double[] strengths) {
    int n = won.length;
    double[][] information = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        // the constant matrix 1 / n fills the direction in which all strengths move alike
        information[i][j] += 1.0 / n;
        if (i != j) {
          double p = share(strengths[i] - strengths[j]);
          double weight = (won[i][j] + won[j][i]) * p * (1 - p);
          information[i][j] -= weight;
          information[i][i] += weight;
        }
      }
    }
    RealMatrix inverse =
        new LUDecomposition(MatrixUtils.createRealMatrix(information)).getSolver().getInverse();
    return inverse.scalarAdd(-1.0 / n);
  }
}
