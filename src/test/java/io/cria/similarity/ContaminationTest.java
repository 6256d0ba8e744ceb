package io.cria.similarity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.cria.similarity.Contamination.Near;
import io.cria.similarity.Contamination.Rules;
import io.cria.similarity.Contamination.Text;
import io.cria.task.CriaException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContaminationTest {
  private static final Rules RULES = new Rules("unicode-1", 0.7, 8);

  @ParameterizedTest
  @CsvSource({
    "unicode-1, 0.7, 8, 1",
    "rouge-en, 0.7, 8, 2",
    "rouge-en, 0.5, 3, 3",
    "unicode-1, 0.9, 5, 4",
    "unicode-1, 1.0, 2, 5"
  })
  void verdictsAreThoseOfEveryPairCompared(
      String tokenizer, double threshold, int gram, long seed) {
    Rules rules = new Rules(tokenizer, threshold, gram);
    List<String> texts = Corpora.tiny(seed, 900, 60, 0, 14);
    List<EvaluationItem> items = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      items.add(
          new EvaluationItem("i" + i, texts.get(i), empty(texts.get(i + 100), i), text(texts, i)));
    }
    List<Text> examples = new ArrayList<>();
    for (int i = 300; i < 700; i++) {
      examples.add(
          new Text(texts.get(i), empty(texts.get(i - 100), i), empty(texts.get(i + 200), i / 2)));
    }
    Contamination contamination = new Contamination(rules, items);
    PlainContamination plain = new PlainContamination(rules, items);
    List<List<Near>> judged = contamination.judge(examples);
    int near = 0;
    for (int i = 0; i < examples.size(); i++) {
      List<Near> expected = plain.judge(examples.get(i));
      assertSame(judged.get(i), expected, examples.get(i));
      near += expected.isEmpty() ? 0 : 1;
    }
    assertThat(near).as("some are near, some are not").isBetween(20, 390);
  }

  private static String text(List<String> texts, int i) {
    return i % 3 == 0 ? texts.get(i + 200) : "";
  }

  private static String empty(String text, int i) {
    return i % 2 == 0 ? "" : text;
  }

  /** Scores by two formulas differ in the last bit. */
  private static void assertSame(List<Near> judged, List<Near> expected, Text text) {
    assertThat(judged).as("%s", text).hasSameSizeAs(expected);
    for (int i = 0; i < judged.size(); i++) {
      assertThat(judged.get(i).rule()).isEqualTo(expected.get(i).rule());
      assertThat(judged.get(i).item()).as("%s", text).isEqualTo(expected.get(i).item());
      assertThat(judged.get(i).reason()).as("%s", text).isEqualTo(expected.get(i).reason());
      assertThat(judged.get(i).score()).isCloseTo(expected.get(i).score(), within(1e-12));
    }
  }

  @Test
  void anInstructionIsNearAnInstructionWhateverTheInputs() {
    assertThat(
            judge(
                item("Sort the words by length.", "pear fig banana", ""),
                "Sort these words by length.",
                "a wholly other list of things",
                ""))
        .containsExactly(new Near("rouge-l", 0, 0.8000000000000002, "instruction"));
  }

  @Test
  void instructionAndInputTogetherAreNearWhereInstructionsAloneAreNot() {
    String passage = "the old lighthouse keeper rowed out to the wreck in the grey morning alone";
    assertThat(judge(item("Summarise this.", passage, ""), "What is it about?", passage + " ", ""))
        .extracting(Near::rule, Near::reason)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("rouge-l", "instruction and input"),
            org.assertj.core.groups.Tuple.tuple(
                "8-gram", "the old lighthouse keeper rowed out to the"));
  }

  @Test
  void eightTokensOfAReferenceInAnOutputAreShared() {
    assertThat(
            judge(
                item("Say something of whales.", "", "One two three four five six seven eight."),
                "Count for me, please.",
                "",
                "Well: one, two, three, four, five, six, seven, EIGHT, nine."))
        .containsExactly(new Near("8-gram", 0, 0.2, "one two three four five six seven eight"));
  }

  @Test
  void sevenTokensAreNotEnoughUnlessTheyAreTheWholeItem() {
    String seven = "one two three four five six seven";
    assertThat(
            judge(
                item(seven + " and ten", "", ""),
                "Count so for me, and do: " + seven + " then stop",
                "",
                ""))
        .isEmpty();
    assertThat(judge(item(seven, "", ""), "Do it as ever: " + seven + " then stop here", "", ""))
        .extracting(Near::rule, Near::score)
        .contains(org.assertj.core.groups.Tuple.tuple("8-gram", 1.0));
  }

  @Test
  void theEarliestItemIsTheNeighbour() {
    List<EvaluationItem> items =
        List.of(
            new EvaluationItem("a", "Write an ode to the sea", "", ""),
            new EvaluationItem("b", "Name three rivers of Asia", "", ""),
            new EvaluationItem("c", "Name three rivers of Asia", "", ""));
    assertThat(
            new Contamination(RULES, items)
                .judge(List.of(new Text("Name three rivers of Asia", "", "Ob"))))
        .containsExactly(
            List.of(
                new Near("rouge-l", 1, 1.0, "instruction"),
                new Near("8-gram", 1, 1.0, "name three rivers of asia")));
  }

  @Test
  void koreanIsSeenByTheTokenizerOfEveryScriptAlone() {
    EvaluationItem item = item("오늘 날씨를 한 문장으로 알려 주세요.", "", "");
    Text same = new Text("오늘 날씨를 한 문장으로 알려 주세요.", "", "");
    assertThat(new Contamination(RULES, List.of(item)).judge(List.of(same)).get(0)).hasSize(2);
    assertThat(
            new Contamination(new Rules("rouge-en", 0.7, 8), List.of(item))
                .judge(List.of(same))
                .get(0))
        .isEmpty();
  }

  @Test
  void whatIsLeftOfAnItemThatTheTokenizerDoesNotSeeIsNotTheWholeItem() {
    EvaluationItem item = item("2시에 만나요", "", "");
    Contamination english = new Contamination(new Rules("rouge-en", 0.7, 8), List.of(item));
    assertThat(english.judge(List.of(new Text("What is 2 and 2?", "", "4"))).get(0)).isEmpty();
    assertThat(Contamination.isSeen("rouge-en", item.instruction())).isFalse();
    assertThat(Contamination.isSeen("unicode-1", item.instruction())).isTrue();
    assertThat(Contamination.isSeen("rouge-en", "It's 5 o'clock!")).isTrue();
  }

  @Test
  void rulesOutOfRangeAreRefused() {
    assertThatThrownBy(() -> new Rules("rouge-en-stem", 0.7, 8))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining("unknown tokenizer, 'rouge-en-stem'");
    assertThatThrownBy(() -> new Rules("rouge-en", 0.2, 8))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining("threshold out of range, 0.2");
    assertThatThrownBy(() -> new Rules("rouge-en", 0.7, 1))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining("--ngram out of range, 1");
  }

  private static EvaluationItem item(String instruction, String input, String reference) {
    return new EvaluationItem("item", instruction, input, reference);
  }

  private static List<Near> judge(
      EvaluationItem item, String instruction, String input, String output) {
    return new Contamination(RULES, List.of(item))
        .judge(List.of(new Text(instruction, input, output)))
        .get(0);
  }
}
