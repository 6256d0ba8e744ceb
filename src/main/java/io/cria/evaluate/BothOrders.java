package io.cria.evaluate;

/**
 * One pair of answers, judged twice with the sides exchanged.
 *
 * @param firstOnLeft what was chosen with the first model's answer on the left
 * @param firstOnRight what was chosen with it on the right
 */
public record BothOrders(Side firstOnLeft, Side firstOnRight) {
  /** Whether both orders chose the same answer, or neither. */
  public boolean agree() {
    return firstOnLeft == firstOnRight.opposite();
  }

  /** The first model's points: what both orders say, and a tie where they disagree. */
  public double points() {
    if (!agree() || firstOnLeft == Side.NEITHER) {
      return Outcomes.TIE;
    }
    return firstOnLeft == Side.LEFT ? Outcomes.WIN : Outcomes.LOSS;
  }
}
