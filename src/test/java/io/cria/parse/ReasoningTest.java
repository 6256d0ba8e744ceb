package io.cria.parse;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReasoningTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "<think>\nhm\n</think>\n\n4. Instruction: x",
        "  \n<think>hm</think>4. Instruction: x",
        "<THINK>hm</Think> 4. Instruction: x",
        "<thinking>hm</thinking>\n4. Instruction: x",
        "<thought>hm</thought>\n4. Instruction: x",
        "<reasoning effort=\"low\">hm</reasoning>\n4. Instruction: x",
        "<think></think>\n\n4. Instruction: x",
        "[THINK]hm[/THINK]4. Instruction: x",
        "\u25C1think\u25B7hm\u25C1/think\u25B74. Instruction: x",
        "<seed:think>hm</seed:think>4. Instruction: x",
        "<think>shall I close with </reasoning>?</think>4. Instruction: x",
        "<|START_THINKING|>hm<|END_THINKING|>4. Instruction: x",
        "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>4. Instruction: x",
      })
  void aLeadingBlockIsTakenOffWithTheWhiteSpaceAroundIt(String text) {
    assertThat(Reasoning.strip(text)).isEqualTo("4. Instruction: x");
  }

  @Test
  void onlyOneBlockIsTakenOff() {
    assertThat(Reasoning.strip("<think>a</think><think>b</think>c")).isEqualTo("<think>b</think>c");
  }

  @Test
  void aBlockThatIsNeverClosedLeavesNothing() {
    assertThat(Reasoning.strip("<think>\nstill thinking about 4. Instruction: x")).isEmpty();
    assertThat(Reasoning.strip("<think>")).isEmpty();
  }

  @Test
  void aTextThatBeginsWithinABlockLosesWhatStandsUpToItsEnd() {
    assertThat(Reasoning.strip("hm, so\n</think>\n\nanswer")).isEqualTo("answer");
    assertThat(Reasoning.strip("</think>answer")).isEqualTo("answer");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "  plain text, its white space kept ",
        "4. Instruction: explain <think>x</think> in a prompt",
        "Tags such as </reasoning> close a block.",
        "<thinker>x</thinker> y",
        "[think] aloud",
        "<b>bold</b>"
      })
  void aTextWithoutABlockAtItsBeginningIsGivenBackAsItIs(String text) {
    assertThat(Reasoning.strip(text)).isEqualTo(text);
  }
}
