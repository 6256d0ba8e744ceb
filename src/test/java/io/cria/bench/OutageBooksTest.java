package io.cria.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class OutageBooksTest {
  private static final long SECOND = 1_000_000_000L;

  private final Outage outage = Outage.parse("20:15");
  private final OutageBooks books = new OutageBooks(outage);

  @Test
  void theWayBackIsFromTheFirstAnswerToNineTenthsOfTheRateBefore() {
    answers(0, 20, 100);
    answers(37, 39, 50);
    answers(39, 45, 100);

    Map<String, Object> figures = books.figures();

    assertThat(figure(figures, "answers_a_second_before")).isCloseTo(100, within(1.0));
    assertThat(figure(figures, "seconds_to_first_answer")).isCloseTo(2, within(0.05));
    assertThat(figure(figures, "seconds_to_90_percent")).isCloseTo(2.8, within(0.11));
  }

  @Test
  void aRateThatNeverComesBackHasNoTime() {
    answers(0, 20, 100);
    answers(36, 50, 80);

    assertThat(books.figures())
        .containsKey("seconds_to_first_answer")
        .doesNotContainKey("seconds_to_90_percent");
  }

  @Test
  void whatCameInTheOutageIsCountedByItsKind() {
    books.attempted();
    books.attempted();
    books.probed();
    books.caught();

    assertThat(books.figures())
        .containsEntry("attempts", 2L)
        .containsEntry("model_probes", 1L)
        .containsEntry("caught", 1L)
        .doesNotContainKey("seconds_to_first_answer");
    assertThat(outage.covers(20 * SECOND)).isTrue();
    assertThat(outage.covers(35 * SECOND)).isFalse();
  }

  private static double figure(Map<String, Object> figures, String name) {
    return (double) Objects.requireNonNull(figures.get(name), name);
  }

  private void answers(int fromSecond, int toSecond, int aSecond) {
    for (int i = 0; i < (toSecond - fromSecond) * aSecond; i++) {
      books.answered(fromSecond * SECOND + i * SECOND / aSecond);
    }
  }
}
