package io.cria.prompt;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.prompt.FineTuningEncoding.Encoded;
import io.cria.task.Labels;
import io.cria.task.Message;
import io.cria.task.SeededRandom;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class FineTuningEncodingTest {
  private static final FineTuningEncoding VARIED =
      FineTuningEncoding.varied(FineTuningEncoding.END_OF_TEXT, Labels.ENGLISH);

  /** All layouts that come up for an instance, by name: prompt and completion joined by a bar. */
  private static Map<String, String> layouts(String input) {
    Map<String, String> seen = new TreeMap<>();
    for (int row = 0; row < 300; row++) {
      Encoded encoded =
          VARIED.encode(" I\n", input, "O ", FineTuningEncoding.randomFor(1, 0, row, 0, 0));
      seen.put(encoded.encoding(), encoded.prompt() + "|" + encoded.completion());
    }
    return seen;
  }

  @Test
  void hasSevenLayoutsWithInput() {
    assertThat(layouts("X"))
        .isEqualTo(
            Map.of(
                "input-1", "I\nInput: X\nOutput:| O<|endoftext|>",
                "input-2", "I\n\nInput: X\n\nOutput:| O<|endoftext|>",
                "input-3", "Task: I\nInput: X\nOutput:| O<|endoftext|>",
                "input-4", "I\n\nX\n\nOutput:| O<|endoftext|>",
                "input-5", "I\n\nX\n\n|O<|endoftext|>",
                "input-6", "I\nX\n\n|O<|endoftext|>",
                "input-7", "Task: I\n\nX\n\n|O<|endoftext|>"));
  }

  @Test
  void hasSixLayoutsWithoutInput() {
    assertThat(layouts(" \n"))
        .isEqualTo(
            Map.of(
                "no-input-1", "I Output:| O<|endoftext|>",
                "no-input-2", "I\nOutput:| O<|endoftext|>",
                "no-input-3", "I\n\nOutput:| O<|endoftext|>",
                "no-input-4", "I\n|O<|endoftext|>",
                "no-input-5", "I\n\n|O<|endoftext|>",
                "no-input-6", "Task: I\n\n|O<|endoftext|>"));
  }

  @Test
  void layoutsAndRewritingAreDrawnEvenly() {
    Map<String, Integer> counts = new HashMap<>();
    int rewritten = 0;
    for (int row = 0; row < 7000; row++) {
      Encoded encoded =
          VARIED.encode("I", "List: X", "O", FineTuningEncoding.randomFor(5, 0, row, 0, 0));
      counts.merge(encoded.encoding(), 1, Integer::sum);
      rewritten += encoded.prompt().contains("List:") ? 0 : 1;
    }

    assertThat(counts)
        .hasSize(7)
        .allSatisfy((name, count) -> assertThat(count).isBetween(880, 1120));
    assertThat(rewritten).isBetween(3300, 3700);
  }

  @Test
  void oneFieldNameIsTakenOffWithWhatStandsBeforeIt() {
    assertThat(FineTuningEncoding.rewritten("List: 1, 2")).isEqualTo("1, 2");
    assertThat(FineTuningEncoding.rewritten("The given list: 1, 2")).isEqualTo("1, 2");
    assertThat(FineTuningEncoding.rewritten("A: x\nA: y")).isEqualTo("x\nA: y");
    assertThat(FineTuningEncoding.rewritten("문장: 안녕")).isEqualTo("안녕");
    assertThat(FineTuningEncoding.rewritten("at : once, word: x")).isEqualTo("once, word: x");
  }

  @Test
  void severalFieldNamesOrNoneStay() {
    assertThat(FineTuningEncoding.rewritten(" Question: a\nChoices: b "))
        .isEqualTo("Question: a\nChoices: b");
    assertThat(FineTuningEncoding.rewritten("at 10:30 and 11:30")).isEqualTo("at 10:30 and 11:30");
    assertThat(FineTuningEncoding.rewritten(" no colon ")).isEqualTo("no colon");
    assertThat(FineTuningEncoding.rewritten("smile :) here")).isEqualTo("smile :) here");
  }

  @Test
  void blankLinesBecomeLineEndsOneRunOfTwoAtATime() {
    assertThat(FineTuningEncoding.rewritten("a\n\nb\n\n\n\nc\n\n\nd")).isEqualTo("a\nb\n\nc\n\nd");
  }

  @Test
  void anInputThatIsNothingButAFieldNameLeavesALayoutWithoutInput() {
    assertThat(layouts("Sentence:").keySet()).contains("no-input-1", "input-1");
    assertThat(layouts("Sentence:").get("no-input-4")).isEqualTo("I\n|O<|endoftext|>");
  }

  @Test
  void thePlainLayoutDrawsNothingAndLeavesTheInput() {
    SeededRandom random = new SeededRandom(9);
    Encoded encoded = FineTuningEncoding.plain("").encode("I ", " List: X", " O", random);

    assertThat(encoded.encoding()).isEqualTo("plain");
    assertThat(encoded.prompt()).isEqualTo("I\n\nList: X\n\n");
    assertThat(encoded.completion()).isEqualTo("O");
    assertThat(random.nextLong()).isEqualTo(new SeededRandom(9).nextLong());
  }

  @Test
  void theChatHoldsTheInstanceAsItIs() {
    assertThat(VARIED.encode("I ", "List: X\n", " O", new SeededRandom(1)).messages())
        .containsExactly(
            new Message(Message.USER, "I\n\nList: X"), new Message(Message.ASSISTANT, "O"));
    assertThat(VARIED.encode("I", "", "O", new SeededRandom(1)).messages())
        .containsExactly(new Message(Message.USER, "I"), new Message(Message.ASSISTANT, "O"));
  }

  @Test
  void instancesDrawFromStreamsOfTheirOwn() {
    assertThat(FineTuningEncoding.randomFor(1, 2, 3, 4, 5).nextLong())
        .isEqualTo(FineTuningEncoding.randomFor(1, 2, 3, 4, 5).nextLong())
        .isNotEqualTo(FineTuningEncoding.randomFor(1, 2, 3, 4, 6).nextLong())
        .isNotEqualTo(FineTuningEncoding.randomFor(1, 2, 3, 5, 5).nextLong())
        .isNotEqualTo(FineTuningEncoding.randomFor(2, 2, 3, 4, 5).nextLong());
  }
}
