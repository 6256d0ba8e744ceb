package io.cria.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class QuestionTest {
  private static final String BEHIND =
      "\",\"role\":\"user\"}],\"model\":\"m\",\"stop\":[\"\\n20\",\"20.\",\"Task:\"],\"top_p\":0}";

  @Test
  void eachPromptIsToldByItsEnd() {
    assertThat(of("tasks:\\n###\\n4. Instruction:"))
        .isEqualTo(new Question(Question.Form.BLOCKS, 4));
    assertThat(of("a list\\n8. \\\"Name\\\" it.\\n9."))
        .isEqualTo(new Question(Question.Form.LIST, 9));
    assertThat(of("A list of varied instructions for\\n11."))
        .isEqualTo(new Question(Question.Form.ONE_TASK, 11));
    assertThat(of("\\nTask: Sort.\\nIs this a classification task?"))
        .isEqualTo(new Question(Question.Form.CLASS, 0));
    assertThat(of("\\nTask: Sort.\\nOutput:")).isEqualTo(new Question(Question.Form.ONE_OUTPUT, 0));
    assertThat(of("Output: x\\n\\nTask: Sort 16."))
        .isEqualTo(new Question(Question.Form.EXAMPLES, 0));
    assertThat(of("\\nClass label: x\\n\\nTask: Sort."))
        .isEqualTo(new Question(Question.Form.LABELS, 0));
    assertThat(of("What is the time?").form()).isEqualTo(Question.Form.UNKNOWN);
  }

  private static Question of(String prompt) {
    byte[] body =
        ("{\"messages\":[{\"content\":\"" + prompt + BEHIND).getBytes(StandardCharsets.UTF_8);
    return Question.of(body, 0, body.length);
  }
}
