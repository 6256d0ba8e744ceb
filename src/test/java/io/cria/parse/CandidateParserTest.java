package io.cria.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import io.cria.task.Completion;
import io.cria.task.CriaException;
import io.cria.task.Draft;
import java.util.List;
import org.junit.jupiter.api.Test;

class CandidateParserTest {
  private final CandidateParser list = CandidateParser.named("numbered-list");
  private final CandidateParser blocks = CandidateParser.named("alpaca-blocks");
  private final CandidateParser line = CandidateParser.named("single-line");

  @Test
  void an_unknown_parser_is_refused_with_the_known_ones() {
    assertThatThrownBy(() -> CandidateParser.named("numbered"))
        .isInstanceOf(CriaException.class)
        .hasMessage(
            "unknown parser \"numbered\" of instructions: use numbered-list, alpaca-blocks,"
                + " single-line, lenient-list or lenient-blocks");
  }

  @Test
  void a_list_splits_at_numbers_and_is_normalised() {
    assertThat(list.parse(stop(" Name  A\u2003River.\n10 . say\tWHY.\n٣. and When"), 8))
        .extracting(Draft::instruction)
        .containsExactly("Name a river.", "Say why.", "And when");
  }

  @Test
  void list_items_keep_their_raw_text_and_position_and_empty_ones_leave_no_record() {
    assertThat(list.parse(stop(" One\n10. \n11. Two "), 8))
        .containsExactly(
            Draft.parsed(0, " One", "One", null, null), Draft.parsed(2, "Two ", "Two", null, null));
    assertThat(list.parse(stop(" \n "), 8)).isEmpty();
  }

  @Test
  void a_number_without_the_ordinary_space_after_its_dot_splits_nothing() {
    assertThat(list.parse(stop("a\n10.b\n11.\u00A0c\n12  . d\n. e"), 8)).hasSize(1);
  }

  @Test
  void a_cut_list_is_dropped_whole() {
    assertThat(list.parse(cut("One\n10. Two"), 8))
        .containsExactly(Draft.failed(0, "One\n10. Two", "cut_by_length"));
  }

  @Test
  void a_block_takes_its_texts_by_position_whatever_the_labels_say() {
    String text =
        " Do IT\n now\n4. Output: x\n4.\u3000Input:\n y \n###\n5. Input: a5. Input: b5. Input: c";
    assertThat(blocks.parse(stop(text), 3))
        .extracting(Draft::instruction, Draft::input, Draft::output)
        .containsExactly(tuple("Do IT\n now", "x", "y"), tuple("a", "b", "c"));
  }

  @Test
  void noinput_in_any_case_is_an_empty_input_and_an_empty_output_is_kept() {
    assertThat(blocks.parse(stop("Do\n4. Input: <NoInput>\n4. Output:"), 3))
        .extracting(Draft::input, Draft::output)
        .containsExactly(tuple("", ""));
  }

  @Test
  void a_label_is_not_anchored_but_needs_white_space_and_the_own_number() {
    assertThat(blocks.parse(stop("Do\n14. Input: x\n24.\nOutput: y"), 3).get(0).failure()).isNull();
    assertThat(failures("Do\n4.Input: x\n4. Output: y")).containsExactly("malformed");
    assertThat(failures("Do\n5. Input: x\n5. Output: y")).containsExactly("malformed");
    assertThat(failures("Do\n4. Input: x\n4. Output: y\n4. Output: z"))
        .containsExactly("malformed");
  }

  @Test
  void the_last_block_of_a_cut_answer_is_dropped_even_when_complete() {
    String block = "Do\n4. Input: x\n4. Output: y";
    assertThat(blocks.parse(cut(block), 3))
        .containsExactly(Draft.failed(0, block, "cut_by_length"));
    List<Draft> drafts = blocks.parse(cut(block + "###\n5. Ins"), 3);
    assertThat(drafts).extracting(Draft::failure).containsExactly(null, "cut_by_length");
  }

  @Test
  void blank_blocks_count_but_leave_no_record() {
    String text =
        """
        Do
        1. Input: x
        1. Output: y
        ###
        ###
        3. Instruction: a
        3. Input: b
        3. Output: c
        ###
        """;
    assertThat(blocks.parse(stop(text), 0)).extracting(Draft::item).containsExactly(0, 2);
    assertThat(blocks.parse(stop(""), 3)).isEmpty();
  }

  @Test
  void one_line_is_one_task_without_number_or_quotes() {
    assertThat(task("\n 1. \"Name  two birds.\" \nAnd more")).isEqualTo("Name two birds.");
    assertThat(task("“2) Say why.”")).isEqualTo("Say why.");
    assertThat(task("Say \"why\"")).isEqualTo("Say \"why\"");
    assertThat(task("3.5 is what?")).isEqualTo("3.5 is what?");
  }

  @Test
  void one_line_is_malformed_when_nothing_is_left_of_it() {
    assertThat(line.parse(stop(" \n"), 0)).containsExactly(Draft.failed(0, " \n", "malformed"));
    assertThat(line.parse(stop("1. \"\""), 0))
        .extracting(Draft::failure)
        .containsExactly("malformed");
  }

  @Test
  void one_line_is_cut_only_when_its_end_was_not_seen() {
    assertThat(line.parse(cut("Name two"), 0))
        .extracting(Draft::failure)
        .containsExactly("cut_by_length");
    assertThat(line.parse(cut("Name two birds.\nThe"), 0).get(0).instruction())
        .isEqualTo("Name two birds.");
  }

  private List<String> failures(String text) {
    return blocks.parse(stop(text), 3).stream()
        .map(draft -> String.valueOf(draft.failure()))
        .toList();
  }

  private String task(String text) {
    return line.parse(stop(text), 0).get(0).instruction();
  }

  private static Completion stop(String text) {
    return new Completion(text, "stop");
  }

  private static Completion cut(String text) {
    return new Completion(text, "length");
  }
}
