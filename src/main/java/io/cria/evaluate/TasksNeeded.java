package io.cria.evaluate;

import java.util.OptionalLong;

/**
 * How many tasks would show a difference of the observed size: the sign test, two-sided at 0.05,
 * then finds it in four of five sets of that many tasks ({@value #POWER}), if wins, ties and losses
 * come in the observed shares.
 *
 * <p>The normal approximation of one share against one half, with the correction for continuity
 * (Fleiss, Levin, Paik, Statistical Methods for Rates and Proportions, 2003, section 2.5), gives
 * the decided tasks; the observed share of decided tasks makes all tasks of them. What was observed
 * is itself uncertain, so the figure is a size to plan with and no promise.
 */
public final class TasksNeeded {
  public static final double LEVEL = 0.05;
  public static final double POWER = 0.8;

  /** With fewer decided tasks not even all of them won have p below {@link #LEVEL}. */
  private static final int FEWEST = 6;

  private TasksNeeded() {}

  /** Empty where wins equal losses: no size shows what is not there. */
  public static OptionalLong toShow(Outcomes observed) {
    if (observed.wins() == observed.losses()) {
      return OptionalLong.empty();
    }
    double share = (double) observed.wins() / observed.decided();
    double decided = Math.ceil(decided(share));
    return OptionalLong.of((long) Math.ceil(decided * observed.tasks() / observed.decided()));
  }

  /** Decided tasks at which a win share among them is told from one half. */
  static double decided(double share) {
    double difference = Math.abs(share - 0.5);
    double plain =
        square(
            (Normal.quantile(1 - LEVEL / 2) * 0.5
                    + Normal.quantile(POWER) * Math.sqrt(share * (1 - share)))
                / difference);
    double corrected = plain / 4 * square(1 + Math.sqrt(1 + 2 / (plain * difference)));
    return Math.max(corrected, FEWEST);
  }

  private static double square(double value) {
    return value * value;
  }
}
