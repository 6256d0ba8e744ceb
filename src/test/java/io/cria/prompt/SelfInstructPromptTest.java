package io.cria.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.task.InputOutput;
import io.cria.task.Message;
import io.cria.task.SeedTask;
import io.cria.task.SeededRandom;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SelfInstructPromptTest {
  private static final PromptFiles FILES =
      new PromptFiles(
          "p",
          Map.of(
              "round.txt", "Tasks:\n{{demonstrations}}\n{{open_number}}.\n",
              "round-classification.txt", "Labels:\n{{demonstrations}}\n{{open_number}}.\n"));

  private static SeededRandom random(int row) {
    return SeededRandom.of(7, "generate", 3, row);
  }

  @Test
  void writesEightNumberedLinesAndLeavesTheNinthOpen() {
    List<SeedTask> seeds =
        IntStream.range(0, 8)
            .mapToObj(i -> Prompts.seed("s" + i, "Same", false, new InputOutput("", "x")))
            .toList();

    BuiltPrompt prompt = SelfInstructPrompt.general(FILES, seeds).build(List.of(), random(0));

    assertThat(prompt.text())
        .isEqualTo(
            "Tasks:\n1. Same\n2. Same\n3. Same\n4. Same\n5. Same\n6. Same\n7. Same\n8. Same\n9.");
    assertThat(prompt.openNumber()).isEqualTo(9);
    assertThat(prompt.demonstrationIds())
        .containsExactlyInAnyOrder("s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7");
  }

  @Test
  void theIdsStandInTheOrderOfTheLines() {
    BuiltPrompt prompt =
        SelfInstructPrompt.general(FILES, Prompts.seeds(40)).build(Prompts.machine(9), random(1));

    List<String> lines = prompt.text().lines().toList();
    for (int i = 0; i < 8; i++) {
      String id = prompt.demonstrationIds().get(i);
      String kind = id.startsWith("m") ? "Machine" : "Seed";
      assertThat(lines.get(i + 1))
          .isEqualTo((i + 1) + ". " + kind + " instruction " + id.substring(1));
    }
  }

  @Test
  void eachDemonstrationIsOneLineWithoutColonsAtItsEnd() {
    assertThat(NumberedTasks.oneLine("  Sort\tthe\u00A0list\n below:\u2028"))
        .isEqualTo("Sort the list below");
    assertThat(NumberedTasks.oneLine("Title::")).isEqualTo("Title");
    assertThat(NumberedTasks.oneLine("a: b")).isEqualTo("a: b");
  }

  @Test
  void takesTwoFromTheMachinePoolOnceItHasTwo() {
    SelfInstructPrompt prompt = SelfInstructPrompt.general(FILES, Prompts.seeds(20));

    for (int row = 0; row < 200; row++) {
      assertThat(machineShare(prompt.build(Prompts.machine(0), random(row)))).isZero();
      assertThat(machineShare(prompt.build(Prompts.machine(1), random(row)))).isEqualTo(1);
      assertThat(machineShare(prompt.build(Prompts.machine(2), random(row)))).isEqualTo(2);
      BuiltPrompt many = prompt.build(Prompts.machine(1000), random(row));
      assertThat(machineShare(many)).isEqualTo(2);
      assertThat(new HashSet<>(many.demonstrationIds())).hasSize(8);
    }
  }

  @Test
  void everySeedMachineTaskAndPlaceIsDrawnAboutEquallyOften() {
    SelfInstructPrompt prompt = SelfInstructPrompt.general(FILES, Prompts.seeds(12));
    Map<String, Integer> shown = new HashMap<>();
    Map<Integer, Integer> machinePlaces = new HashMap<>();
    for (int row = 0; row < 4000; row++) {
      List<String> ids = prompt.build(Prompts.machine(4), random(row)).demonstrationIds();
      for (int place = 0; place < ids.size(); place++) {
        shown.merge(ids.get(place), 1, Integer::sum);
        if (ids.get(place).startsWith("m")) {
          machinePlaces.merge(place, 1, Integer::sum);
        }
      }
    }

    assertThat(shown)
        .hasSize(16)
        .allSatisfy((id, count) -> assertThat(count).isBetween(1850, 2150));
    assertThat(machinePlaces)
        .hasSize(8)
        .allSatisfy((place, count) -> assertThat(count).isBetween(880, 1120));
  }

  @Test
  void theSameSeedStageRoundAndRowGiveTheSamePrompt() {
    SelfInstructPrompt prompt = SelfInstructPrompt.general(FILES, Prompts.seeds(50));
    Set<String> texts = new HashSet<>();
    for (int row = 0; row < 50; row++) {
      BuiltPrompt built = prompt.build(Prompts.machine(10), random(row));
      assertThat(prompt.build(Prompts.machine(10), random(row))).isEqualTo(built);
      texts.add(built.text());
    }

    assertThat(texts).hasSize(50);
    assertThat(prompt.build(List.of(), SeededRandom.of(7, "generate", 4, 0)))
        .isNotEqualTo(prompt.build(List.of(), random(0)));
  }

  @Test
  void theClassificationVariantShowsSuchSeedsOnlyUnderItsOwnHeader() {
    SelfInstructPrompt prompt = SelfInstructPrompt.classificationOnly(FILES, Prompts.seeds(30));

    for (int row = 0; row < 50; row++) {
      BuiltPrompt built = prompt.build(List.of(), random(row));
      assertThat(built.text()).startsWith("Labels:\n1. ");
      assertThat(built.demonstrationIds())
          .hasSize(8)
          .allSatisfy(id -> assertThat(Integer.parseInt(id.substring(1)) % 3).isZero());
    }
  }

  @Test
  void saysWhenThereAreTooFewSeeds() {
    assertThatThrownBy(() -> SelfInstructPrompt.general(FILES, Prompts.seeds(7)))
        .hasMessage("a prompt shows 8 seed tasks, the seed file has 7: add seed tasks");
    assertThatThrownBy(() -> SelfInstructPrompt.classificationOnly(FILES, Prompts.seeds(9)))
        .hasMessage(
            "a prompt shows 8 classification seed tasks, the seed file has 3: add seed tasks");
  }

  @Test
  void theChatDialectSendsTheSystemMessageAndThenThePrompt() {
    BuiltPrompt prompt = new BuiltPrompt("1. a\n2.", List.of("a"), 2);

    assertThat(prompt.messages("Go on."))
        .containsExactly(
            new Message(Message.SYSTEM, "Go on."), new Message(Message.USER, "1. a\n2."));
  }

  private static long machineShare(BuiltPrompt prompt) {
    assertThat(prompt.demonstrationIds()).hasSize(8);
    return prompt.demonstrationIds().stream().filter(id -> id.startsWith("m")).count();
  }
}
