package io.cria.evaluate;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Two models on the same tasks, and what may be said of them. A winner is named only when both the
 * exact sign test has p &lt; 0.05 and the 95 % interval of the win rate excludes one half; else
 * there is "no difference seen at this size", with the size that would show the observed one.
 *
 * @param first the model whose points were given
 * @param second the other
 * @param outcomes the first's wins, ties and losses
 * @param winRate the first's mean points, ties one half
 * @param interval of the win rate, by drawing tasks anew
 * @param p of the two-sided sign test
 * @param tasksNeeded what {@link TasksNeeded} says; empty where wins equal losses
 */
public record PairedComparison(
    String first,
    String second,
    Outcomes outcomes,
    double winRate,
    Interval interval,
    double p,
    OptionalLong tasksNeeded) {
  public static final double CONFIDENCE = 0.95;

  private static final double EVEN = 0.5;

  /**
   * Compares.
   *
   * @param points the first model's by task, as {@link Outcomes#of} takes them; at least one
   * @param seed the run's seed, for the interval
   */
  public static PairedComparison of(String first, String second, List<Double> points, long seed) {
    if (first.equals(second)) {
      throw new IllegalArgumentException("one model under two names: " + first);
    }
    Outcomes outcomes = Outcomes.of(points);
    return new PairedComparison(
        first,
        second,
        outcomes,
        points.stream().mapToDouble(Double::doubleValue).average().orElseThrow(),
        TaskBootstrap.ofMean(points, CONFIDENCE, seed),
        SignTest.twoSided(outcomes.wins(), outcomes.losses()),
        TasksNeeded.toShow(outcomes));
  }

  /** The better model, where the rule above names one. */
  public Optional<String> winner() {
    boolean oneSided = (winRate > EVEN) == (outcomes.wins() > outcomes.losses());
    if (p >= TasksNeeded.LEVEL || interval.contains(EVEN) || !oneSided) {
      return Optional.empty();
    }
    return Optional.of(winRate > EVEN ? first : second);
  }

  /** The finding in one sentence. */
  public String sentence() {
    return winner().map(this::won).orElseGet(this::undecided);
  }

  private String won(String winner) {
    return String.format(
        Locale.ROOT,
        "%s is better than %s: win rate %.1f %% (95 %% interval %s), sign test p = %.2g, %d tasks",
        winner,
        winner.equals(first) ? second : first,
        100 * (winner.equals(first) ? winRate : 1 - winRate),
        (winner.equals(first) ? interval : new Interval(1 - interval.high(), 1 - interval.low()))
            .percent(),
        p,
        outcomes.tasks());
  }

  private String undecided() {
    String size =
        tasksNeeded.isPresent()
            ? "about " + rounded(tasksNeeded.getAsLong()) + " tasks would show the one observed"
            : "none was observed";
    return String.format(
        Locale.ROOT,
        "no difference seen at this size (%d tasks, win rate of %s %.1f %%, 95 %% interval %s, sign"
            + " test p = %.2g): %s",
        outcomes.tasks(),
        first,
        100 * winRate,
        interval.percent(),
        p,
        size);
  }

  /** Up to two digits and zeros: more would claim what an estimate cannot. */
  private static long rounded(long tasks) {
    long unit = 1;
    while (tasks / unit >= 100) {
      unit *= 10;
    }
    return (tasks + unit - 1) / unit * unit;
  }
}
