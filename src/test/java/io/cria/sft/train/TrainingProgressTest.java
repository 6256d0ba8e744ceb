package io.cria.sft.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TrainingProgressTest {
  private static final TrainingPlan PLAN = new TrainingPlan(400, 100, 250);

  private final AtomicLong clock = new AtomicLong();
  private final List<String> lines = new ArrayList<>();

  /** The steps that have a line, of a training in which each step takes so long. */
  private List<Integer> told(int first, long millis) {
    TrainingProgress progress =
        new TrainingProgress(
            new Trainer.Environment(clock::get, () -> false, lines::add), PLAN, first, 0);
    for (int step = first + 1; step <= PLAN.totalSteps(); step++) {
      clock.addAndGet(millis * 1_000_000);
      progress.step(step, 10, 1.5, 0.1, Optional.empty());
    }
    return lines.stream()
        .map(line -> Integer.valueOf(line.replaceAll("step (\\d+)/.*", "$1")))
        .toList();
  }

  @Test
  void quickStepsAreToldByEvenStretchesThatTakeASecond() {
    assertThat(told(0, 30)).containsExactly(1, 50, 100, 150, 200, 250);
  }

  @Test
  void slowStepsAreToldEach() {
    assertThat(told(240, 1500)).containsExactly(241, 242, 243, 244, 245, 246, 247, 248, 249, 250);
  }

  @Test
  void aResumedTrainingComesBackToTheStretch() {
    assertThat(told(203, 150)).containsExactly(204, 210, 220, 230, 240, 250);
  }

  @Test
  void aSkippedStepIsAlwaysTold() {
    TrainingProgress progress =
        new TrainingProgress(
            new Trainer.Environment(clock::get, () -> false, lines::add), PLAN, 0, 0);
    progress.step(1, 10, 1.5, 0.1, Optional.empty());
    progress.step(3, 10, 1.5, 0.1, Optional.of("a spike"));
    assertThat(lines).last().asString().startsWith("step 3/250").endsWith("skipped: a spike");
  }
}
