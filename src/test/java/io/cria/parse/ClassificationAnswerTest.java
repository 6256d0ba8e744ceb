package io.cria.parse;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ClassificationAnswerTest {
  @Test
  void three_spellings_of_yes_are_a_yes() {
    assertThat(new String[] {" Yes", "yes\u2003", "\u001FYES\n"})
        .allMatch(ClassificationAnswer::isClassification);
  }

  @Test
  void anything_else_is_a_no() {
    assertThat(new String[] {"", "No", "yEs", "Yes.", "Yes, it is", "\u200BYes"})
        .noneMatch(ClassificationAnswer::isClassification);
  }
}
