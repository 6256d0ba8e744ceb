package io.cria.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Two answerers on the same tasks as one rater judged them.
 *
 * @param rater who judged
 * @param first the answerer whose wins are counted
 * @param second the other
 * @param pairs shown to the rater, and judged or not
 * @param noVerdict pairs without a verdict; they count nowhere else
 * @param wins tasks in which the first was better
 * @param ties tasks in which neither was, or a judge chose differently in the two orders
 * @param losses tasks in which the second was better
 * @param winRate the first's mean points
 * @param interval of it, 95 %
 * @param p of the sign test
 * @param winner named only by {@link PairedComparison#winner}'s rule; null else
 * @param tasksNeeded what would show the observed difference; null where none was observed
 * @param sentence the finding
 * @param position of a judge who saw both orders; null of others
 * @param longer how often the longer answer won
 * @param lengthControlled the win rate controlled for length; null below {@value
 *     LengthControl#FEWEST_TASKS} tasks, and where all were won or lost
 */
public record PairResult(
    String rater,
    String first,
    String second,
    int pairs,
    int noVerdict,
    int wins,
    int ties,
    int losses,
    double winRate,
    Interval interval,
    double p,
    @Nullable String winner,
    @Nullable Long tasksNeeded,
    String sentence,
    @Nullable Position position,
    Longer longer,
    @Nullable LengthControl lengthControlled) {

  /**
   * How far the choices hung on the side ({@link PositionBias}).
   *
   * @param agreed pairs with the same finding in both orders
   * @param leftShare of all choices of a side; null without any
   * @param p that pairs judged differently lean to no side
   */
  public record Position(
      int pairs,
      int agreed,
      int alwaysLeft,
      int alwaysRight,
      @Nullable Double leftShare,
      double p) {
    static Position of(PositionBias bias) {
      return new Position(
          bias.pairs(),
          bias.agreed(),
          bias.alwaysLeft(),
          bias.alwaysRight(),
          orNull(bias.leftShare()),
          bias.p());
    }
  }

  /**
   * How often the longer answer won ({@link LengthBias}).
   *
   * @param share null where nothing was decided between answers of different length
   */
  public record Longer(int won, int decided, @Nullable Double share, Interval interval) {
    static Longer of(LengthBias bias) {
      return new Longer(bias.longerWon(), bias.decided(), orNull(bias.share()), bias.interval());
    }
  }

  private static @Nullable Double orNull(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }

  /**
   * Compares two answerers by the pairs of theirs that one rater judged.
   *
   * @param judged of one rater and these two answerers
   * @param sheet has their answers
   * @param seed the run's, for the interval
   * @return empty where no pair has a verdict
   */
  static Optional<PairResult> of(List<JudgedPair> judged, AnswerSheet sheet, long seed) {
    List<JudgedPair> decided = judged.stream().filter(pair -> pair.points() != null).toList();
    if (decided.isEmpty()) {
      return Optional.empty();
    }
    JudgedPair one = decided.get(0);
    List<Double> points = decided.stream().map(pair -> pair.verdict().orElseThrow()).toList();
    List<Integer> firstLengths = lengths(decided, one.first(), sheet);
    List<Integer> secondLengths = lengths(decided, one.second(), sheet);
    PairedComparison comparison = PairedComparison.of(one.first(), one.second(), points, seed);
    List<BothOrders> orders =
        decided.stream().map(JudgedPair::orders).filter(Objects::nonNull).toList();
    return Optional.of(
        new PairResult(
            one.rater(),
            one.first(),
            one.second(),
            judged.size(),
            judged.size() - decided.size(),
            comparison.outcomes().wins(),
            comparison.outcomes().ties(),
            comparison.outcomes().losses(),
            comparison.winRate(),
            comparison.interval(),
            comparison.p(),
            comparison.winner().orElse(null),
            comparison.tasksNeeded().isPresent() ? comparison.tasksNeeded().getAsLong() : null,
            comparison.sentence(),
            orders.isEmpty() ? null : Position.of(PositionBias.of(orders)),
            Longer.of(LengthBias.of(points, firstLengths, secondLengths)),
            LengthControl.of(points, firstLengths, secondLengths).orElse(null)));
  }

  private static List<Integer> lengths(
      List<JudgedPair> judged, String answerer, AnswerSheet sheet) {
    List<Integer> lengths = new ArrayList<>();
    for (JudgedPair pair : judged) {
      String text = sheet.text(answerer, pair.taskId()).orElse("");
      lengths.add(text.codePointCount(0, text.length()));
    }
    return lengths;
  }
}
