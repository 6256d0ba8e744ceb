package io.cria.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class BiasTest {
  @Test
  void bothOrdersMustNameTheSameAnswer() {
    assertThat(new BothOrders(Side.LEFT, Side.RIGHT).points()).isEqualTo(1);
    assertThat(new BothOrders(Side.RIGHT, Side.LEFT).points()).isZero();
    assertThat(new BothOrders(Side.LEFT, Side.LEFT).points()).isEqualTo(0.5);
    assertThat(new BothOrders(Side.LEFT, Side.NEITHER).points()).isEqualTo(0.5);
    assertThat(new BothOrders(Side.NEITHER, Side.NEITHER).points()).isEqualTo(0.5);
    assertThat(new BothOrders(Side.NEITHER, Side.NEITHER).agree()).isTrue();
    assertThat(new BothOrders(Side.NEITHER, Side.LEFT).agree()).isFalse();
  }

  @Test
  void aJudgeWhoAlwaysSaysLeftIsSeen() {
    PositionBias bias =
        PositionBias.of(Collections.nCopies(10, new BothOrders(Side.LEFT, Side.LEFT)));
    assertThat(bias.leftShare()).hasValue(1);
    assertThat(bias.agreed()).isZero();
    assertThat(bias.alwaysLeft()).isEqualTo(10);
    assertThat(bias.p()).isEqualTo(2.0 / 1024, within(1e-15));
  }

  @Test
  void aJudgeOfAnswersHasNoSide() {
    List<BothOrders> judged = new ArrayList<>();
    judged.addAll(Collections.nCopies(6, new BothOrders(Side.LEFT, Side.RIGHT)));
    judged.add(new BothOrders(Side.RIGHT, Side.LEFT));
    judged.add(new BothOrders(Side.NEITHER, Side.NEITHER));
    PositionBias bias = PositionBias.of(judged);
    assertThat(bias).isEqualTo(new PositionBias(8, 8, 7, 7, 0, 0));
    assertThat(bias.leftShare()).hasValue(0.5);
    assertThat(bias.p()).isEqualTo(1);
  }

  @Test
  void withoutAChoiceThereIsNoShare() {
    assertThat(PositionBias.of(List.of()).leftShare()).isEmpty();
    assertThat(LengthBias.of(List.of(), List.of(), List.of()).share()).isEmpty();
  }

  @Test
  void tiesAndEqualLengthsTellNothingOfLength() {
    LengthBias bias =
        LengthBias.of(
            List.of(1.0, 1.0, 0.0, 0.5, 1.0, 0.0),
            List.of(20, 10, 10, 90, 30, 30),
            List.of(10, 20, 20, 10, 30, 5));
    assertThat(bias).isEqualTo(new LengthBias(2, 4));
    assertThat(bias.share()).hasValue(0.5);
    assertThat(bias.interval()).isEqualTo(Wilson.interval(2, 4, 0.95));
  }

  /** scikit-learn 1.9.1, LogisticRegression(C=1) on the tasks doubled and weighted by points. */
  @Test
  void theControlledRateIsThatOfScikitLearn() {
    List<Double> points = new ArrayList<>();
    List<Integer> first = new ArrayList<>();
    List<Integer> second = new ArrayList<>();
    double[] pattern = {1, 0, 0.5, 1, 1, 0};
    for (int i = 0; i < 60; i++) {
      points.add(i % 7 == 0 ? 0 : pattern[i % 6]);
      first.add(100 + i * 37 % 90 + (points.get(i) == 1 ? 40 : 0));
      second.add(100 + i * 53 % 90);
    }
    LengthControl control = LengthControl.of(points, first, second).orElseThrow();
    assertThat(control.winRate()).isEqualTo(0.46850366460044846, within(1e-7));
    assertThat(control.slope()).isEqualTo(0.720503790460272, within(1e-6));
    assertThat(control.interval().low()).isEqualTo(0.339978960841507, within(1e-7));
    assertThat(control.interval().high()).isEqualTo(0.60134758564818, within(1e-7));
  }

  @Test
  void exchangedModelsHaveTheOppositeRate() {
    List<Double> points = spread(80, 3);
    List<Integer> first = lengths(80, 31);
    List<Integer> second = lengths(80, 17);
    LengthControl one = LengthControl.of(points, first, second).orElseThrow();
    LengthControl other =
        LengthControl.of(points.stream().map(point -> 1 - point).toList(), second, first)
            .orElseThrow();
    assertThat(other.winRate()).isEqualTo(1 - one.winRate(), within(1e-9));
    assertThat(other.slope()).isEqualTo(one.slope(), within(1e-9));
  }

  @Test
  void equalLengthsLeaveTheRateAsItIs() {
    List<Double> points = spread(60, 3);
    List<Integer> lengths = lengths(60, 31);
    LengthControl control = LengthControl.of(points, lengths, lengths).orElseThrow();
    double mean = points.stream().mapToDouble(Double::doubleValue).sum() / 60;
    assertThat(control.winRate()).isEqualTo(mean, within(1e-9));
    assertThat(control.slope()).isZero();
  }

  @Test
  void whereLengthAloneTellsTheWinnerTheRateIsEven() {
    List<Double> points = new ArrayList<>();
    List<Integer> first = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      points.add(i % 2 == 0 ? 1.0 : 0.0);
      first.add(i % 2 == 0 ? 300 : 100);
    }
    LengthControl control =
        LengthControl.of(points, first, Collections.nCopies(100, 200)).orElseThrow();
    assertThat(control.winRate()).isEqualTo(0.5, within(1e-9));
    assertThat(control.slope()).isGreaterThan(3);
  }

  @Test
  void fewTasksAndOneSidedOnesHaveNoControlledRate() {
    assertThat(LengthControl.of(spread(49, 3), lengths(49, 31), lengths(49, 17))).isEmpty();
    assertThat(LengthControl.of(spread(50, 3), lengths(50, 31), lengths(50, 17))).isPresent();
    assertThat(LengthControl.of(Collections.nCopies(60, 1.0), lengths(60, 31), lengths(60, 17)))
        .isEmpty();
  }

  private static List<Double> spread(int tasks, int period) {
    List<Double> points = new ArrayList<>();
    for (int i = 0; i < tasks; i++) {
      points.add(i % period / (period - 1.0));
    }
    return points;
  }

  private static List<Integer> lengths(int tasks, int step) {
    List<Integer> lengths = new ArrayList<>();
    for (int i = 0; i < tasks; i++) {
      lengths.add(50 + i * step % 97);
    }
    return lengths;
  }
}
