package io.cria.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.task.Labels;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClassificationPromptTest {
  @Test
  void asksAfterTheAnsweredQuestions() {
    PromptFiles files =
        new PromptFiles(
            "p",
            Map.of(
                "classification.txt", "Which?\n\n{{demonstrations}}\n\n{{question}}\n",
                "classification-question.txt", "Task: {{instruction}}\nLabels?\n",
                "classification-demonstrations.jsonl",
                    """
                    {"instruction": "Is it red?", "is_classification": true}

                    {"instruction": "Sing.", "is_classification": false}
                    """));

    BuiltPrompt prompt = ClassificationPrompt.of(files, Labels.ENGLISH).build(" Count it.\n");

    assertThat(prompt.text())
        .isEqualTo(
            """
            Which?

            Task: Is it red?
            Labels? Yes

            Task: Sing.
            Labels? No

            Task: Count it.
            Labels?\
            """);
    assertThat(prompt.demonstrationIds()).isEmpty();
    assertThat(prompt.openNumber()).isZero();
  }

  @Test
  void namesTheLineOfABrokenDemonstration() {
    String good = "{\"instruction\": \"a\", \"is_classification\": true}\n";

    for (String bad :
        new String[] {
          "{\"instruction\": \"a\"}",
          "{\"is_classification\": true}",
          "{\"instruction\": \"a\", \"is_classification\": null}",
          "{\"instruction\": \"a\", \"is_classification\": true, \"label\": 1}",
          "{\"instruction\": "
        }) {
      assertThatThrownBy(() -> ClassificationPrompt.demonstrations("p/d.jsonl", good + bad))
          .hasMessageStartingWith("not a demonstration (")
          .hasMessageEndingWith(
              "), p/d.jsonl:2: write {\"instruction\": \"…\", \"is_classification\": true or"
                  + " false}")
          .message()
          .doesNotContain("\n");
    }
  }
}
