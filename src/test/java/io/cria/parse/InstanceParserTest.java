package io.cria.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.task.Completion;
import io.cria.task.CriaException;
import java.util.List;
import org.junit.jupiter.api.Test;

class InstanceParserTest {
  private final InstanceParser selfInstruct = InstanceParser.named("self-instruct");
  private final InstanceParser single = InstanceParser.named("single-output");

  @Test
  void an_unknown_parser_is_refused_with_the_known_ones() {
    assertThatThrownBy(() -> InstanceParser.named("alpaca"))
        .isInstanceOf(CriaException.class)
        .hasMessage(
            "unknown parser \"alpaca\" of instances: use self-instruct, single-output or"
                + " lenient-instances");
  }

  @Test
  void examples_are_read_input_first() {
    assertThat(read("Example 1\nInput: a\nOutput: b\n\nExample 2\nc\nOutput 2 : d"))
        .containsExactly("a -> b", "c -> d");
  }

  @Test
  void example_splits_wherever_it_stands_and_text_without_label_is_an_output() {
    assertThat(read("pre Example٣.x\nOutput: y Examples"))
        .containsExactly(" -> pre", "x -> y", " -> s");
  }

  @Test
  void without_examples_the_answer_is_one_instance_if_it_has_an_output_label() {
    assertThat(read("Input: a\nOutput: b")).containsExactly("a -> b");
    assertThat(read("a, then b")).containsExactly("malformed");
    assertThat(read("output: b")).containsExactly("malformed");
    assertThat(read("Example 1\n")).containsExactly("malformed");
  }

  @Test
  void a_second_output_or_a_later_input_ends_the_output() {
    assertThat(read("a Output: b Output: c")).containsExactly("a -> b");
    assertThat(read("a Output: b\nInput 2: c")).containsExactly("a -> b");
  }

  @Test
  void an_input_label_is_removed_only_at_the_very_start() {
    assertThat(read("Input: Input: a\nOutput: b")).containsExactly("Input: a -> b");
    assertThat(read("My Input: a\nOutput: b")).containsExactly("My Input: a -> b");
  }

  @Test
  void labels_are_read_output_first() {
    assertThat(readLabels("I think\nClass label: yes\nthe text\nmore\nClass label:\n no"))
        .containsExactly("the text\nmore -> yes", " -> no");
    assertThat(readLabels("class label: yes")).containsExactly("malformed");
  }

  @Test
  void the_last_instance_of_a_cut_answer_is_dropped() {
    assertThat(
            lines(
                selfInstruct,
                false,
                new Completion("Example 1 a Output: b Example 2 c Output: d", "length")))
        .containsExactly("a -> b", "cut_by_length");
    assertThat(lines(selfInstruct, true, new Completion("Class label: a", "length")))
        .containsExactly("cut_by_length");
    assertThat(lines(selfInstruct, false, new Completion("no label yet", "length")))
        .containsExactly("cut_by_length");
  }

  @Test
  void each_own_fault_has_its_reason() {
    assertThat(read("a Output: a")).containsExactly("same_as_input");
    assertThat(read("Input: Output:")).containsExactly("same_as_input");
    assertThat(read("a Output: ")).containsExactly("empty_output");
    assertThat(read("a: Output: b")).containsExactly("ends_with_colon");
    assertThat(read("a Output: b:")).containsExactly("ends_with_colon");
  }

  @Test
  void two_outputs_of_one_input_drop_every_instance_that_was_left() {
    assertThat(
            read("Example a Output: 1 Example a Output: 2 Example b Output: 3 Example c Output:"))
        .containsExactly(
            "conflicting_outputs", "conflicting_outputs", "conflicting_outputs", "empty_output");
  }

  @Test
  void empty_inputs_and_dropped_instances_conflict_with_nothing() {
    assertThat(read("Example Output: 1 Example Output: 2")).containsExactly(" -> 1", " -> 2");
    assertThat(read("Example a Output: 1 Example a Output: b:"))
        .containsExactly("a -> 1", "ends_with_colon");
  }

  @Test
  void the_first_of_equal_instances_is_kept() {
    assertThat(read("Example a Output: 1 Example b Output: 2 Example a Output: 1"))
        .containsExactly("a -> 1", "b -> 2", "duplicate");
  }

  @Test
  void a_single_output_is_the_stripped_answer() {
    assertThat(single("Name it.", " A river.\n", "stop")).containsExactly(" -> A river.");
    assertThat(single("Name it.", " \u2003", "stop")).containsExactly("empty_output");
    assertThat(single("Name it.", "NAME  it.\n", "stop")).containsExactly("same_as_input");
  }

  @Test
  void a_cut_single_output_goes_back_to_its_last_whole_sentence() {
    assertThat(single("Name it.", "One is here (\"yes.\") And 3.5 of", "length"))
        .containsExactly(" -> One is here (\"yes.\")");
    assertThat(single("Name it.", "1. Wash it.\n2. Dry", "length"))
        .containsExactly(" -> 1. Wash it.");
    assertThat(single("Name it.", "강입니다. 그리고", "length")).containsExactly(" -> 강입니다.");
    assertThat(single("Name it.", "これは川です。次", "length")).containsExactly(" -> これは川です。");
    assertThat(single("Name it.", "1. Wash", "length")).containsExactly("cut_by_length");
    assertThat(single("Name it.", "", "length")).containsExactly("cut_by_length");
  }

  private List<String> read(String text) {
    return lines(selfInstruct, false, new Completion(text, "stop"));
  }

  private List<String> readLabels(String text) {
    return lines(selfInstruct, true, new Completion(text, "stop"));
  }

  private List<String> single(String instruction, String text, String finishReason) {
    return single.parse(instruction, false, new Completion(text, finishReason)).stream()
        .map(draft -> draft.kept() ? draft.input() + " -> " + draft.output() : "" + draft.reason())
        .toList();
  }

  private static List<String> lines(
      InstanceParser parser, boolean classification, Completion completion) {
    return parser.parse("Name it.", classification, completion).stream()
        .map(draft -> draft.kept() ? draft.input() + " -> " + draft.output() : "" + draft.reason())
        .toList();
  }
}
