package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.sft.TinyCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerateCommandTest {
  @TempDir Path folder;

  @Test
  void aQuestionThatDoesNotFitIsNamedByItsLineAndTheOthersAreAnswered() throws IOException {
    Path model = TinyCheckpoint.create(folder.resolve("model"));
    Path questions = folder.resolve("questions.jsonl");
    Files.writeString(
        questions,
        "{\"instruction\": \"the\"}\n\n{\"instruction\": \""
            + "z".repeat(600)
            + "\"}\n{\"instruction\": \"thing\"}\n");

    Called called =
        Called.with(
            "generate",
            "--checkpoint",
            model.toString(),
            "--raw",
            "--input",
            questions.toString(),
            "--max-tokens",
            "3");

    assertThat(called.code()).isEqualTo(2);
    assertThat(called.out().lines())
        .hasSize(3)
        .satisfiesExactly(
            first ->
                assertThat(first).contains("\"instruction\":\"the\"").contains("\"output\":\""),
            second ->
                assertThat(second)
                    .contains("\"output\":null,\"finish_reason\":\"error\"")
                    .contains("\"error\":\"the prompt has 600 tokens"),
            third ->
                assertThat(third).contains("\"instruction\":\"thing\"").contains("\"output\":\""));
    assertThat(called.err()).contains("cria: " + questions + ":3: the prompt has 600 tokens");
  }
}
