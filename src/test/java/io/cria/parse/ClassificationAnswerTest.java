package io.cria.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.task.CriaException;
import io.cria.task.Labels;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClassificationAnswerTest {
  private static final Labels KOREAN =
      new Labels(
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          List.of("예", "네", "맞습니다", "분류 작업입니다"),
          List.of("아니요"));

  private final ClassificationAnswer published =
      ClassificationAnswer.named("exact", Labels.ENGLISH);
  private final ClassificationAnswer korean = ClassificationAnswer.named("lenient", KOREAN);

  @Test
  void three_spellings_of_yes_are_a_yes() {
    assertThat(new String[] {" Yes", "yes\u2003", "\u001FYES\n"})
        .allMatch(published::isClassification);
  }

  @Test
  void anything_else_is_a_no() {
    assertThat(new String[] {"", "No", "yEs", "Yes.", "Yes, it is", "\u200BYes"})
        .noneMatch(published::isClassification);
  }

  @Test
  void a_lenient_yes_may_go_on() {
    assertThat(
            new String[] {
              "예", "\n네.", "예, 분류 작업입니다.", "네! 라벨이 정해져 있습니다", "\"예\"", "**예**", "맞습니다.", "분류 작업입니다."
            })
        .allMatch(korean::isClassification);
  }

  @Test
  void a_word_that_begins_as_yes_does_is_none() {
    assertThat(new String[] {"", "아니요", "아니요, 예가 아닙니다", "예시를 들면", "분류 작업이 아닙니다.", "Yes", "답: 예"})
        .noneMatch(korean::isClassification);
  }

  @Test
  void an_unknown_reading_is_refused() {
    assertThatThrownBy(() -> ClassificationAnswer.named("loose", KOREAN))
        .isInstanceOf(CriaException.class)
        .hasMessage("unknown parser \"loose\" of classes: use exact or lenient");
  }
}
