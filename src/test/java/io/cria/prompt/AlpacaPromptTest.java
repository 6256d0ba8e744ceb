package io.cria.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.task.InputOutput;
import io.cria.task.Labels;
import io.cria.task.SeedTask;
import io.cria.task.SeededRandom;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AlpacaPromptTest {
  private static final PromptFiles FILES =
      new PromptFiles("p", Map.of("request.txt", "Write {{task_count}}.\n{{demonstrations}}\n"));

  @Test
  void writesThreeBlocksAndOpensTheFourth() {
    List<SeedTask> seeds =
        List.of(
            Prompts.seed(
                "s",
                "Add\nthem up:",
                false,
                new InputOutput("1\n2", "3\n"),
                new InputOutput("4", "5")),
            Prompts.seed(
                "s2",
                "Add\nthem up:",
                false,
                new InputOutput("1\n2", "3\n"),
                new InputOutput("6", "7")),
            Prompts.seed("s3", "Add them up", false, new InputOutput("1\n2", "3\n")));

    BuiltPrompt prompt =
        AlpacaPrompt.of(FILES, seeds, Labels.ENGLISH).build(List.of(), new SeededRandom(1));

    assertThat(prompt.text())
        .isEqualTo(
            """
            Write 20.
            ###
            1. Instruction: Add them up
            1. Input:
            1
            2
            1. Output:
            3

            ###
            2. Instruction: Add them up
            2. Input:
            1
            2
            2. Output:
            3

            ###
            3. Instruction: Add them up
            3. Input:
            1
            2
            3. Output:
            3

            ###
            4. Instruction:\
            """);
    assertThat(prompt.openNumber()).isEqualTo(4);
    assertThat(prompt.demonstrationIds()).containsExactlyInAnyOrder("s", "s2", "s3");
  }

  @Test
  void writesNoinputForAnEmptyInput() {
    List<SeedTask> seeds =
        List.of(
            Prompts.seed("a", "Do it", false, new InputOutput("", "done")),
            Prompts.seed("b", "Do it", false, new InputOutput("", "done")),
            Prompts.seed("c", "Do it", false, new InputOutput("", "done")));

    assertThat(
            AlpacaPrompt.of(FILES, seeds, Labels.ENGLISH)
                .build(List.of(), new SeededRandom(1))
                .text())
        .contains("\n2. Input:\n<noinput>\n2. Output:\ndone\n###\n3.");
  }

  @Test
  void samplesThreeDifferentSeedsByTheGivenStream() {
    AlpacaPrompt prompt = AlpacaPrompt.of(FILES, Prompts.seeds(10), Labels.ENGLISH);
    Set<String> first = new HashSet<>();
    for (int row = 0; row < 100; row++) {
      BuiltPrompt built = prompt.build(List.of(), SeededRandom.of(1, "generate", 0, row));
      assertThat(new HashSet<>(built.demonstrationIds())).hasSize(3);
      assertThat(prompt.build(List.of(), SeededRandom.of(1, "generate", 0, row))).isEqualTo(built);
      first.add(built.demonstrationIds().get(0));
    }

    assertThat(first).hasSize(10);
  }

  @Test
  void saysWhenThereAreTooFewSeeds() {
    assertThatThrownBy(() -> AlpacaPrompt.of(FILES, Prompts.seeds(2), Labels.ENGLISH))
        .hasMessage("a prompt shows 3 seed tasks, the seed file has 2: add seed tasks");
  }
}
