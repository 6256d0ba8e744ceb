package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.sft.TinyCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  @Test
  void everyOtherFieldOfARowIsKeptAndAClashIsTold() throws IOException {
    Path model = TinyCheckpoint.create(folder.resolve("model"));
    Path lines = folder.resolve("rows.jsonl");
    Files.writeString(
        lines,
        "{\"id\": 7, \"instruction\": \"the\", \"output\": \"old\", \"weight\": 1.10,"
            + " \"tags\": [\"a\", null], \"input\": null}\n"
            + "{\"instruction\": \"thing\", \"big\": 123456789012345678901234567890}\n");
    Called called =
        Called.with(
            "generate", "--checkpoint", model, "--raw", "--input", lines, "--max-tokens", "3");
    assertThat(called.code()).as(called.err()).isZero();
    assertThat(called.out().lines())
        .satisfiesExactly(
            first ->
                assertThat(first)
                    .startsWith(
                        "{\"instruction\":\"the\",\"input\":\"\",\"id\":7,\"weight\":1.10,"
                            + "\"tags\":[\"a\",null],\"output\":\"")
                    .doesNotContain("old"),
            second ->
                assertThat(second)
                    .startsWith(
                        "{\"instruction\":\"thing\",\"input\":\"\","
                            + "\"big\":123456789012345678901234567890,\"output\":\""));
    assertThat(called.err())
        .contains(
            "cria: "
                + lines
                + ": its rows have output of their own, and the answer's take that place: rename"
                + " them to keep them");

    Path array = folder.resolve("rows.json");
    Files.writeString(
        array,
        "\uFEFF"
            + """
            [
              {"instruction": "the", "dataset": "koala"},
              {"dataset": "vicuna", "instruction": "thing"}
            ]
            """);
    called =
        Called.with(
            "generate", "--checkpoint", model, "--raw", "--input", array, "--max-tokens", "3");
    assertThat(called.out().lines())
        .satisfiesExactly(
            first -> assertThat(first).contains("\"input\":\"\",\"dataset\":\"koala\",\"output\""),
            second -> assertThat(second).contains("\"dataset\":\"vicuna\",\"output\""));
    assertThat(called.err()).doesNotContain("of their own");
    called = Called.with("generate", "--checkpoint", model, "--score", "--input", array);
    assertThat(called.out()).contains("\"dataset\":\"koala\",\"log_likelihood\":");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"instruction\": \"a\"}~{\"instruction\": 3}|:2: the key \"instruction\" is no text: give",
        "[{\"instruction\": \"a\"},~{\"instruction\": \"a\", \"input\": {}}]|:2: the key \"input\" is no text",
        "{\"instruction\": \"a\"}~~{\"instruction\": |:3: this is no JSON (",
        "{\"instruction\": \"a\", \"a\": 1, \"a\": 2}|:1: this is no JSON (Duplicate field 'a'",
        "\"text\"|:1: this is no row: give objects such as"
      })
  void aRowThatIsNoneIsNamedByItsLine(String rows, String message) throws IOException {
    Path model = TinyCheckpoint.create(folder.resolve("model"));
    Path file = Files.writeString(folder.resolve("rows.jsonl"), rows.replace('~', '\n'));
    Called called = Called.with("generate", "--checkpoint", model, "--input", file);
    assertThat(called.code()).isEqualTo(2);
    assertThat(called.err().lines()).last().asString().startsWith("cria: " + file + message);
  }

  @Test
  void scoresAreOfTheTextsThemselvesAndWhatDoesNotFitHasNone() throws IOException {
    Path model = TinyCheckpoint.create(folder.resolve("model"));
    Path texts = folder.resolve("texts.jsonl");
    Files.writeString(
        texts,
        "{\"instruction\": \"the thing\"}\n{\"instruction\": \""
            + "z".repeat(600)
            + "\"}\n{\"instruction\": \"the thing and the thing\"}\n");

    Called called =
        Called.with("generate", "--checkpoint", model, "--score", "--input", texts.toString());

    assertThat(called.code()).isEqualTo(2);
    assertThat(called.out().lines())
        .satisfiesExactly(
            first -> assertThat(first).matches(".*\"log_likelihood\":-[0-9.]+}"),
            second -> assertThat(second).contains("\"log_likelihood\":null,\"error\":\"the prompt"),
            third -> assertThat(third).matches(".*\"log_likelihood\":-[0-9.]+}"));
    assertThat(Called.with("generate", "--checkpoint", model, "--score", "--prompt", "x").err())
        .isEqualTo("cria: generate: --score goes with --input FILE" + System.lineSeparator());
  }
}
