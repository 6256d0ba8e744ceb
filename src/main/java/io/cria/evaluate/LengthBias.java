package io.cria.evaluate;

import java.util.List;
import java.util.OptionalDouble;

/**
 * How often the longer answer won. A share above one half is no proof of bias, since longer answers
 * may be better; it says how far a comparison may rest on length.
 *
 * @param longerWon decided tasks in which the longer answer won
 * @param decided decided tasks whose answers differ in length
 */
public record LengthBias(int longerWon, int decided) {
  public LengthBias {
    if (longerWon < 0 || longerWon > decided) {
      throw new IllegalArgumentException(longerWon + " of " + decided);
    }
  }

  /**
   * Counts.
   *
   * @param points the first model's by task, as {@link Outcomes#of} takes them
   * @param firstLengths of the first model's answers, in characters, by task
   * @param secondLengths of the second's
   */
  public static LengthBias of(
      List<Double> points, List<Integer> firstLengths, List<Integer> secondLengths) {
    int longerWon = 0;
    int decided = 0;
    for (int i = 0; i < points.size(); i++) {
      int longer = Integer.compare(firstLengths.get(i), secondLengths.get(i));
      int better = Double.compare(points.get(i), Outcomes.TIE);
      if (longer != 0 && better != 0) {
        decided++;
        longerWon += Integer.signum(longer) == Integer.signum(better) ? 1 : 0;
      }
    }
    return new LengthBias(longerWon, decided);
  }

  /** Empty when nothing was decided between answers of different length. */
  public OptionalDouble share() {
    return decided == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) longerWon / decided);
  }

  public Interval interval() {
    return Wilson.interval(longerWon, decided, PairedComparison.CONFIDENCE);
  }
}
