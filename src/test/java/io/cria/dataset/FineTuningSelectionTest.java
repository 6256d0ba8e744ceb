package io.cria.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.task.Example;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class FineTuningSelectionTest {
  private static final OptionalInt ALL = OptionalInt.empty();

  private static List<Example> examples(int seeds, int instructions) {
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < seeds; i++) {
      examples.add(Examples.seed(i, "Seed " + i, "", "s" + i));
    }
    for (int i = 0; i < instructions; i++) {
      examples.add(Examples.machine(i, 0, "Machine " + i, "a", "x" + i));
      examples.add(Examples.machine(i, 1, "Machine " + i, "b", "y" + i));
    }
    return examples;
  }

  @Test
  void withoutOptionsTheMachineExamplesStayInTheirOrder() {
    List<Example> examples = examples(2, 3);

    assertThat(new FineTuningSelection(1, false, ALL, false).apply(examples))
        .isEqualTo(examples.subList(2, 8));
    assertThat(new FineTuningSelection(1, true, ALL, false).apply(examples)).isEqualTo(examples);
  }

  @Test
  void anExactDuplicateStandsOnceWhereItCameFirst() {
    List<Example> examples =
        List.of(
            Examples.machine(0, 0, "A", "", "x"),
            Examples.machine(1, 0, "A", "", "x"),
            Examples.machine(2, 0, "A", "", "y"));

    assertThat(new FineTuningSelection(1, false, ALL, false).apply(examples))
        .containsExactly(examples.get(0), examples.get(2));
  }

  @Test
  void aSampleKeepsAllInstancesOfSoManyInstructions() {
    List<Example> examples = examples(4, 50);
    FineTuningSelection selection = new FineTuningSelection(1, true, OptionalInt.of(10), false);

    List<Example> chosen = selection.apply(examples);

    assertThat(chosen).hasSize(4 + 20).isSubsetOf(examples);
    assertThat(chosen).extracting(Example::instruction).contains("Seed 0", "Seed 3");
    assertThat(selection.apply(examples)).isEqualTo(chosen);
    assertThat(new FineTuningSelection(2, true, OptionalInt.of(10), false).apply(examples))
        .isNotEqualTo(chosen);
    assertThat(new FineTuningSelection(1, false, OptionalInt.of(60), false).apply(examples))
        .hasSize(100);
  }

  @Test
  void theShuffleIsAPermutationThatFollowsTheSeed() {
    List<Example> examples = examples(0, 100);

    List<Example> shuffled = new FineTuningSelection(1, false, ALL, true).apply(examples);

    assertThat(shuffled).containsExactlyInAnyOrderElementsOf(examples).isNotEqualTo(examples);
    assertThat(new FineTuningSelection(1, false, ALL, true).apply(examples)).isEqualTo(shuffled);
    assertThat(new FineTuningSelection(2, false, ALL, true).apply(examples)).isNotEqualTo(shuffled);
    List<Example> reversed = new ArrayList<>(examples);
    java.util.Collections.reverse(reversed);
    assertThat(new FineTuningSelection(1, false, ALL, true).apply(reversed)).isEqualTo(shuffled);
  }

  @Test
  void everyExampleComesFirstAboutEquallyOften() {
    List<Example> examples = examples(0, 2);
    Map<String, Integer> first = new HashMap<>();
    for (long seed = 0; seed < 2000; seed++) {
      List<Example> shuffled = new FineTuningSelection(seed, false, ALL, true).apply(examples);
      first.merge(shuffled.get(0).exampleId(), 1, Integer::sum);
    }

    assertThat(first).hasSize(4).allSatisfy((id, count) -> assertThat(count).isBetween(430, 570));
  }

  @Test
  void aSampleOfNoInstructionIsRefused() {
    assertThatThrownBy(() -> new FineTuningSelection(1, false, OptionalInt.of(0), false))
        .hasMessage("instructions must be at least 1, not 0");
  }
}
