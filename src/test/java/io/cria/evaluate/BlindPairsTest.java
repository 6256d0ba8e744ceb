package io.cria.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.evaluate.BlindPairs.Answer;
import io.cria.evaluate.BlindPairs.Open;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BlindPairsTest {
  @Test
  void theKeysSayWhoseAnswerStandsWhere() {
    BlindPairs blind = BlindPairs.of(open(40, "base", "tuned"), 5);
    assertThat(blind.pairs()).hasSize(40);
    for (int i = 0; i < 40; i++) {
      BlindPair pair = blind.pairs().get(i);
      BlindPair.Key key = blind.keys().get(i);
      assertThat(key.pairId()).isEqualTo(pair.pairId());
      assertThat(pair.left()).isEqualTo(key.left() + " on " + pair.taskId());
      assertThat(pair.right()).isEqualTo(key.right() + " on " + pair.taskId());
    }
    assertThat(blind.pairs().stream().map(BlindPair::taskId).distinct()).hasSize(40);
  }

  @Test
  void noIdTellsAModelOrAnOrder() {
    BlindPairs blind = BlindPairs.of(open(3, "base", "tuned"), 5);
    assertThat(blind.pairs().stream().map(BlindPair::pairId))
        .containsExactly("pair-00001", "pair-00002", "pair-00003");
  }

  @Test
  void eachModelStandsOnTheLeftInHalfOfItsPairs() {
    List<Open> open = open(20, "a", "b");
    open.addAll(open(20, "b", "c"));
    open.addAll(open(7, "c", "a"));
    BlindPairs blind = BlindPairs.of(open, 1);
    assertThat(lefts(blind, "a", "b")).isEqualTo(10);
    assertThat(lefts(blind, "c", "b")).isEqualTo(10);
    assertThat(lefts(blind, "c", "a")).isBetween(3L, 4L);
  }

  @Test
  void sidesAndOrderAreTheSeeds() {
    List<Open> open = open(30, "base", "tuned");
    List<Open> turned = open.stream().map(BlindPairsTest::exchanged).toList();
    assertThat(BlindPairs.of(open, 8)).isEqualTo(BlindPairs.of(open, 8));
    assertThat(BlindPairs.of(turned, 8)).isEqualTo(BlindPairs.of(open, 8));
    assertThat(BlindPairs.of(open, 9)).isNotEqualTo(BlindPairs.of(open, 8));
    List<String> order = BlindPairs.of(open, 8).pairs().stream().map(BlindPair::taskId).toList();
    assertThat(order).isNotEqualTo(open.stream().map(Open::taskId).toList());
  }

  @Test
  void aModelIsNotComparedWithItself() {
    assertThatThrownBy(() -> new Open("t1", new Answer("a", "x"), new Answer("a", "y")))
        .hasMessage("task t1: both answers are of a");
  }

  private static long lefts(BlindPairs blind, String left, String right) {
    return blind.keys().stream()
        .filter(key -> key.left().equals(left) && key.right().equals(right))
        .count();
  }

  private static List<Open> open(int tasks, String first, String second) {
    return new ArrayList<>(
        IntStream.range(0, tasks)
            .mapToObj(i -> new Open("t" + i, answer(first, "t" + i), answer(second, "t" + i)))
            .toList());
  }

  private static Open exchanged(Open pair) {
    return new Open(pair.taskId(), /* first= */ pair.second(), /* second= */ pair.first());
  }

  private static Answer answer(String model, String task) {
    return new Answer(model, model + " on " + task);
  }
}
