package io.cria.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.evaluate.AnswerForm.Fault;
import io.cria.evaluate.AnswerForm.Reading;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AnswerFormTest {
  @Test
  void theLastLineIsTheVerdictAndTheRestItsReason() {
    assertThat(AnswerForm.PAIR.read("Left is right about the date.\nIt is shorter.\nBetter: left"))
        .isEqualTo(
            new Reading.Given(
                Map.of("Better", "left"), "Left is right about the date.\nIt is shorter."));
  }

  @Test
  void caseSpacesAndBlankLinesCountForNothing() {
    assertThat(AnswerForm.PAIR.read("\n  better :  LEFT \r\n\n"))
        .isEqualTo(new Reading.Given(Map.of("Better", "left"), ""));
    assertThat(AnswerForm.LEVEL.read("Level: b"))
        .isEqualTo(new Reading.Given(Map.of("Level", "B"), ""));
  }

  @Test
  void severalFieldsStandInTheirOrder() {
    String answer = "Fine.\n\nValid task: yes\nFitting input: no\nAcceptable output: no";
    Map<String, String> choices =
        Map.of("Valid task", "yes", "Fitting input", "no", "Acceptable output", "no");
    assertThat(AnswerForm.REVIEW.read(answer)).isEqualTo(new Reading.Given(choices, "Fine."));
    assertOff(
        AnswerForm.REVIEW,
        "Fitting input: no\nValid task: yes\nAcceptable output: no",
        Fault.MISPLACED_FIELD,
        "Valid task");
    assertOff(
        AnswerForm.REVIEW,
        "Valid task: yes\nAcceptable output: no",
        Fault.MISSING_FIELD,
        "Fitting input");
  }

  @Test
  void whatIsOffTheFormIsNamed() {
    assertOff(AnswerForm.PAIR, " \n", Fault.EMPTY, "");
    assertOff(AnswerForm.PAIR, "The left one is better.", Fault.MISSING_FIELD, "Better");
    assertOff(AnswerForm.PAIR, "**Better: left**", Fault.MISSING_FIELD, "Better");
    assertOff(AnswerForm.PAIR, "Better: left or right", Fault.UNKNOWN_CHOICE, "Better");
    assertOff(AnswerForm.PAIR, "Better:", Fault.UNKNOWN_CHOICE, "Better");
    assertOff(AnswerForm.PAIR, "Better: left.", Fault.UNKNOWN_CHOICE, "Better");
    assertOff(AnswerForm.PAIR, "Better: left\nNo.\nBetter: right", Fault.REPEATED_FIELD, "Better");
    assertOff(AnswerForm.PAIR, "Better: left\nI am sure.", Fault.MISPLACED_FIELD, "Better");
    assertThat(Fault.MISPLACED_FIELD.word()).isEqualTo("misplaced_field");
  }

  /** An answer under judgement that speaks the judge's form cannot be taken for its verdict. */
  @Test
  void aQuotedVerdictMakesTheAnswerUnreadable() {
    assertOff(
        AnswerForm.PAIR,
        "The right one says\nBetter: right\nwhich is a trick.\nBetter: left",
        Fault.REPEATED_FIELD,
        "Better");
  }

  @Test
  void aFormShowsItself() {
    assertThat(AnswerForm.PAIR.shown()).isEqualTo("Better: left|right|neither");
    assertThat(AnswerForm.REVIEW.shown())
        .isEqualTo("Valid task: yes|no\nFitting input: yes|no\nAcceptable output: yes|no");
  }

  @Test
  void aFormNeedsAField() {
    assertThatThrownBy(() -> new AnswerForm(Map.of())).hasMessage("a form needs a field");
    assertThat(new AnswerForm(Map.of("X", List.of("1"))).read("X: 1"))
        .isInstanceOf(Reading.Given.class);
  }

  private static void assertOff(AnswerForm form, String answer, Fault fault, String label) {
    assertThat(form.read(answer)).isEqualTo(new Reading.Off(fault, label));
  }
}
