package io.cria.evaluate;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A pair of answers as one rater judged it, with the names of those who answered.
 *
 * @param rater who judged
 * @param pairId of the pair
 * @param taskId of the task
 * @param first the answerer told first
 * @param second the other
 * @param points the first's: a win 1, a tie one half, a loss 0; null without a verdict
 * @param orders what was chosen in both orders; null where one order was shown, or without a
 *     verdict
 */
public record JudgedPair(
    String rater,
    String pairId,
    String taskId,
    String first,
    String second,
    @Nullable Double points,
    @Nullable BothOrders orders) {

  /**
   * Of a rater who saw the pair in both orders.
   *
   * @param key who stands where in the pair as it is laid out
   * @param laidOut what was chosen of it; null without a verdict
   * @param exchanged what was chosen with the sides exchanged; null without a verdict
   * @param firstIsLeft whether the answerer told first stands on the left as it is laid out
   */
  public static JudgedPair ofBothOrders(
      String rater,
      String taskId,
      BlindPair.Key key,
      @Nullable Side laidOut,
      @Nullable Side exchanged,
      boolean firstIsLeft) {
    BothOrders orders =
        laidOut == null || exchanged == null
            ? null
            : firstIsLeft ? new BothOrders(laidOut, exchanged) : new BothOrders(exchanged, laidOut);
    return of(rater, taskId, key, firstIsLeft, orders == null ? null : orders.points(), orders);
  }

  /** Of a rater who saw the pair as it is laid out. */
  public static JudgedPair ofOneOrder(
      String rater, String taskId, BlindPair.Key key, Side chosen, boolean firstIsLeft) {
    double points =
        switch (firstIsLeft ? chosen : chosen.opposite()) {
          case LEFT -> Outcomes.WIN;
          case RIGHT -> Outcomes.LOSS;
          case NEITHER -> Outcomes.TIE;
        };
    return of(rater, taskId, key, firstIsLeft, points, null);
  }

  private static JudgedPair of(
      String rater,
      String taskId,
      BlindPair.Key key,
      boolean firstIsLeft,
      @Nullable Double points,
      @Nullable BothOrders orders) {
    return new JudgedPair(
        rater,
        key.pairId(),
        taskId,
        firstIsLeft ? key.left() : key.right(),
        firstIsLeft ? key.right() : key.left(),
        points,
        orders);
  }

  Optional<Double> verdict() {
    return Optional.ofNullable(points);
  }

  /** The choice as one word, for the agreement of raters. */
  String choice() {
    return points == null
        ? ""
        : points > Outcomes.TIE ? "first" : points < Outcomes.TIE ? "second" : "tie";
  }

  /** The same by another rater, or by several together. */
  JudgedPair by(String other, double mean) {
    return new JudgedPair(other, pairId, taskId, first, second, mean, null);
  }
}
