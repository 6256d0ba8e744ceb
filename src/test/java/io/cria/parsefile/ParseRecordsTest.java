package io.cria.parsefile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.task.CriaException;
import org.junit.jupiter.api.Test;

class ParseRecordsTest {
  private final ParseRecords instructions =
      new ParseRecords(ParseRecords.Kind.named("instructions"));
  private final ParseRecords alpaca = new ParseRecords(ParseRecords.Kind.named("alpaca"));
  private final ParseRecords instances = new ParseRecords(ParseRecords.Kind.named("instances"));

  @Test
  void instructions_are_texts_and_rejected_items_stand_as_they_came() {
    assertThat(
            instructions.parseLine(
                "{\"text\": \" Name two BIRDS.\\n10. Say why it is.\\n11. \\n12. Sort\"}"))
        .isEqualTo(
            "{\"accepted\":[\"Say why it is.\"],\"rejected\":["
                + "{\"text\":\" Name two BIRDS.\",\"reason\":\"too_short\"},"
                + "{\"text\":\"Sort\",\"reason\":\"too_short\"}]}");
  }

  @Test
  void alpaca_tasks_are_objects() {
    assertThat(
            alpaca.parseLine(
                "{\"text\": \" Name two Birds here.\\n"
                    + "3. Input: <noinput>\\n"
                    + "3. Output: é\\n"
                    + "###\\n"
                    + "x\", \"demonstrations\": 2, \"finish_reason\": null}"))
        .isEqualTo(
            "{\"accepted\":[{\"instruction\":\"Name two Birds"
                + " here.\",\"input\":\"\",\"output\":\"é\"}],\"rejected\":[{\"text\":\"\\n"
                + "x\",\"reason\":\"malformed\"}]}");
  }

  @Test
  void alpaca_has_three_demonstrations_unless_told() {
    assertThat(
            alpaca.parseLine("{\"text\": \"Name two Birds here.\\n4. Input: a\\n4. Output: b\"}"))
        .contains("\"output\":\"b\"");
  }

  @Test
  void instances_are_pairs() {
    assertThat(
            instances.parseLine(
                "{\"instruction\": \"Add.\", \"is_classification\": false, \"finish_reason\":"
                    + " \"length\", \"text\": \"Example 1\\n"
                    + "1+1\\n"
                    + "Output: 2\\n"
                    + "Example 2\\n"
                    + "1+\"}"))
        .isEqualTo(
            "{\"accepted\":[[\"1+1\",\"2\"]],"
                + "\"rejected\":[{\"text\":\"1+\",\"reason\":\"cut_by_length\"}]}");
  }

  @Test
  void half_a_surrogate_pair_is_written_as_an_escape() {
    assertThat(instructions.parseLine("{\"text\": \"Name it right now \\ud83d \\ud83d\\ude00\"}"))
        .isEqualTo("{\"accepted\":[\"Name it right now \\ud83d \uD83D\uDE00\"],\"rejected\":[]}");
  }

  @Test
  void what_does_not_fit_is_named_with_its_remedy() {
    assertRefused(instructions, "[]", "not a JSON object: write one JSON object a line");
    assertRefused(instructions, "{}", "key \"text\" is not a text: give a JSON string");
    assertRefused(
        instructions,
        "{\"text\": \"a\", \"finish_reason\": 1}",
        "key \"finish_reason\" is not a text: give a JSON string");
    assertRefused(
        alpaca,
        "{\"text\": \"a\", \"demonstrations\": -1}",
        "key \"demonstrations\" is not a count: give the number of demonstrations in the prompt");
    assertRefused(
        instances, "{\"text\": \"a\"}", "key \"instruction\" is not a text: give a JSON string");
    assertRefused(
        instances,
        "{\"text\": \"a\", \"instruction\": \"b\"}",
        "key \"is_classification\" is not a truth value: give true or false");
  }

  @Test
  void a_line_that_is_no_json_is_refused() {
    assertThatThrownBy(() -> instructions.parseLine("{\"text\": "))
        .isInstanceOf(CriaException.class)
        .hasMessageStartingWith("not JSON (")
        .hasMessageEndingWith("): write one JSON object a line");
    assertThatThrownBy(() -> instructions.parseLine("{\"text\": \"a\"} {}"))
        .isInstanceOf(CriaException.class);
  }

  @Test
  void an_unknown_kind_is_refused_with_the_known_ones() {
    assertThatThrownBy(() -> ParseRecords.Kind.named("instance"))
        .isInstanceOf(CriaException.class)
        .hasMessage("unknown kind \"instance\": use instructions, alpaca or instances");
  }

  private static void assertRefused(ParseRecords records, String line, String message) {
    assertThatThrownBy(() -> records.parseLine(line))
        .isInstanceOf(CriaException.class)
        .hasMessage(message);
  }
}
