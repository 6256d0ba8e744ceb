package io.cria.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.task.Instruction;
import io.cria.task.Labels;
import io.cria.task.SeededRandom;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoundPromptTest {
  private static final List<Instruction> MACHINE = Prompts.machine(5);

  private static BuiltPrompt build(String name, boolean classificationOnly) {
    return RoundPrompt.named(
            name, classificationOnly, Prompts.shipped(name), Prompts.seeds(30), Labels.ENGLISH)
        .build(MACHINE, new SeededRandom(1));
  }

  @Test
  void aRecipeNamesItsPrompt() {
    assertThat(build("self-instruct", false).text()).contains("list of tasks");
    assertThat(build("self-instruct", true).text()).contains("list of classification tasks");
    assertThat(build("alpaca", false).openNumber()).isEqualTo(4);
    assertThat(build("quickstart", false).text()).contains("instructions for a knowledgeable");
  }

  @Test
  void onlySelfInstructShowsWhatTheModelWrote() {
    assertThat(build("self-instruct", false).demonstrationIds()).anyMatch(id -> id.startsWith("m"));
    assertThat(build("alpaca", false).demonstrationIds()).noneMatch(id -> id.startsWith("m"));
    assertThat(build("quickstart", false).demonstrationIds()).noneMatch(id -> id.startsWith("m"));
  }

  @Test
  void anotherNameIsRefused() {
    PromptFiles files = Prompts.shipped("alpaca");

    assertThatThrownBy(
            () -> RoundPrompt.named("evol", false, files, Prompts.seeds(9), Labels.ENGLISH))
        .hasMessage("unknown prompt \"evol\" of rounds: use self-instruct, alpaca or quickstart");
    assertThatThrownBy(
            () -> RoundPrompt.named("alpaca", true, files, Prompts.seeds(9), Labels.ENGLISH))
        .hasMessage(
            "the prompt alpaca cannot ask for classification tasks only, classificationOnly: leave"
                + " it out, or use self-instruct");
    assertThatThrownBy(() -> InstancePrompt.named("alpaca", files))
        .hasMessage("unknown prompt \"alpaca\" of instances: use self-instruct or quickstart");
    assertThatThrownBy(() -> FineTuningEncoding.named("chat", "", Labels.ENGLISH))
        .hasMessage("unknown layout \"chat\": use random or plain");
    assertThat(
            FineTuningEncoding.named("random", "", Labels.ENGLISH)
                .encode("I", "X", "O", new SeededRandom(1)))
        .isEqualTo(
            FineTuningEncoding.varied("", Labels.ENGLISH)
                .encode("I", "X", "O", new SeededRandom(1)));
  }
}
