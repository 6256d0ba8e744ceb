package io.cria.evaluate;

import java.util.Collection;
import java.util.OptionalDouble;

/**
 * How far a judge's choice hung on the side and not on the answer. Each pair is judged in both
 * orders, so a judge who looks at answers alone chooses left as often as right.
 *
 * @param pairs judged in both orders
 * @param agreed pairs with the same finding in both orders
 * @param left choices of the left answer, of both orders together
 * @param right choices of the right one
 * @param alwaysLeft pairs in which both orders chose the left answer
 * @param alwaysRight pairs in which both chose the right one
 */
public record PositionBias(
    int pairs, int agreed, int left, int right, int alwaysLeft, int alwaysRight) {
  public static PositionBias of(Collection<BothOrders> judged) {
    int agreed = 0;
    int left = 0;
    int right = 0;
    int alwaysLeft = 0;
    int alwaysRight = 0;
    for (BothOrders pair : judged) {
      agreed += pair.agree() ? 1 : 0;
      left += count(pair, Side.LEFT);
      right += count(pair, Side.RIGHT);
      alwaysLeft += count(pair, Side.LEFT) / 2;
      alwaysRight += count(pair, Side.RIGHT) / 2;
    }
    return new PositionBias(judged.size(), agreed, left, right, alwaysLeft, alwaysRight);
  }

  private static int count(BothOrders pair, Side side) {
    return (pair.firstOnLeft() == side ? 1 : 0) + (pair.firstOnRight() == side ? 1 : 0);
  }

  /** The share of left among all choices of a side; one half is none. Empty without a choice. */
  public OptionalDouble leftShare() {
    return left + right == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of((double) left / (left + right));
  }

  /**
   * The p of the exact test that inconsistent pairs lean to no side; pairs, unlike single choices,
   * are independent of each other.
   */
  public double p() {
    return SignTest.twoSided(alwaysLeft, alwaysRight);
  }
}
