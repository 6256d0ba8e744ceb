package io.cria.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.cria.task.Example;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ExampleFormatTest {
  private static final List<Example> EXAMPLES =
      List.of(
          Examples.machine(0, 0, "Translate \"왜\"", "a\\b\n\tc/d", "é 😀 \u2028 \u007f"),
          Examples.machine(1, 0, "Is it odd?", "3", "yes"),
          Examples.machine(1, 1, "Is it odd?", "4", "no"));

  private static String written(ExampleFormat format, List<Example> examples) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      format.write(examples.iterator(), out);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void alpacaLines() {
    assertThat(written(ExampleFormat.ALPACA_JSONL, EXAMPLES))
        .isEqualTo(
            """
            {"instruction":"Translate \\"왜\\"","input":"a\\\\b\\n\\tc/d","output":"é 😀 LS DEL"}
            {"instruction":"Is it odd?","input":"3","output":"yes"}
            {"instruction":"Is it odd?","input":"4","output":"no"}
            """
                .replace("LS", "\u2028")
                .replace("DEL", "\u007f"));
  }

  @Test
  void anAlpacaArrayHasOneObjectALine() {
    assertThat(written(ExampleFormat.ALPACA_JSON, EXAMPLES.subList(1, 3)))
        .isEqualTo(
            """
            [
            {"instruction":"Is it odd?","input":"3","output":"yes"},
            {"instruction":"Is it odd?","input":"4","output":"no"}
            ]
            """);
    assertThat(written(ExampleFormat.ALPACA_JSON, List.of())).isEqualTo("[]\n");
  }

  @Test
  void selfInstructLinesHoldAllInstancesOfAnInstruction() {
    assertThat(written(ExampleFormat.SELF_INSTRUCT, EXAMPLES))
        .isEqualTo(
            """
            {"instruction":"Translate \\"왜\\"","instances":[{"input":"a\\\\b\\n\\tc/d","output":"é 😀 LS DEL"}],"is_classification":false}
            {"instruction":"Is it odd?","instances":[{"input":"3","output":"yes"},{"input":"4","output":"no"}],"is_classification":true}
            """
                .replace("LS", "\u2028")
                .replace("DEL", "\u007f"));
  }

  @Test
  void equalInstructionsOfDifferentPlacesStayApart() {
    assertThat(
            written(
                ExampleFormat.SELF_INSTRUCT,
                List.of(
                    Examples.seed(0, "Add", "1", "2"), Examples.machine(0, 0, "Add", "3", "4"))))
        .hasLineCount(2);
  }

  @Test
  void promptAndCompletionLines() {
    assertThat(written(ExampleFormat.PROMPT_COMPLETION, EXAMPLES.subList(1, 2)))
        .isEqualTo(
            "{\"prompt\":\"Is it odd?\\n\\n3\\n\\n\",\"completion\":\"yes<|endoftext|>\"}\n");
  }

  @Test
  void chatLines() {
    assertThat(written(ExampleFormat.CHAT, EXAMPLES.subList(1, 2)))
        .isEqualTo(
            "{\"messages\":[{\"role\":\"user\",\"content\":\"Is it odd?\"},"
                + "{\"role\":\"assistant\",\"content\":\"yes\"}]}\n");
  }

  @Test
  void shareGptLines() {
    assertThat(written(ExampleFormat.SHAREGPT, EXAMPLES.subList(1, 2)))
        .isEqualTo(
            "{\"conversations\":[{\"from\":\"human\",\"value\":\"Is it odd?\"},"
                + "{\"from\":\"gpt\",\"value\":\"yes\"}]}\n");
  }

  @Test
  void whatIsWrittenAsShareGptIsReadAsIt(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("sharegpt.jsonl");
    Files.writeString(file, written(ExampleFormat.SHAREGPT, EXAMPLES));
    List<String> answers = new ArrayList<>();
    TrainingFile.read(file, example -> answers.add(example.output()));
    assertThat(answers).containsExactly(EXAMPLES.get(0).output(), "yes", "no");
  }

  @Test
  void alpacaEvalHasInputBehindTheInstructionAndWhoWroteTheOutput() {
    assertThat(
            written(
                ExampleFormat.ALPACA_EVAL,
                List.of(EXAMPLES.get(1), Examples.seed(0, "Add", "", "2"))))
        .isEqualTo(
            """
            [
            {"dataset":"self-instruct","instruction":"Is it odd?\\n\\n3","output":"yes","generator":"some-model"},
            {"dataset":"self-instruct","instruction":"Add","output":"2","generator":"human"}
            ]
            """);
  }

  @Test
  void halfASurrogatePairIsEscapedAndNothingElse() throws IOException {
    String odd = "\uD83D|😀|\uDE00\uD83D";
    String line =
        written(ExampleFormat.ALPACA_JSONL, List.of(Examples.machine(0, 0, "I", "", odd)));

    assertThat(line)
        .isEqualTo(
            "{\"instruction\":\"I\",\"input\":\"\",\"output\":\"\\ud83d|😀|\\ude00\\ud83d\"}\n");
    assertThat(JsonMapper.builder().build().readTree(line).get("output").asText()).isEqualTo(odd);
  }

  @ParameterizedTest
  @EnumSource
  void everyControlCharacterComesBack(ExampleFormat format) throws IOException {
    StringBuilder controls = new StringBuilder("x");
    for (char c = 0; c < 0x20; c++) {
      controls.append(c);
    }
    String file = written(format, List.of(Examples.machine(0, 0, "I", "", controls.toString())));

    assertThat(file.lines().count()).isEqualTo(format.isArray() ? 3 : 1);
    assertThat(JsonMapper.builder().build().readTree(file).toString()).contains("x\\u0000\\u0001");
  }

  @ParameterizedTest
  @EnumSource
  void partsJoinToTheWholeFile(ExampleFormat format) throws IOException {
    List<String> records = new ArrayList<>();
    format.records(EXAMPLES.subList(0, 1).iterator()).forEachRemaining(records::add);
    format.records(EXAMPLES.subList(1, 3).iterator()).forEachRemaining(records::add);
    StringBuilder whole = new StringBuilder();

    long count = format.write(EXAMPLES.iterator(), whole);

    assertThat(count).isEqualTo(records.size()).isEqualTo(format.isByInstruction() ? 2 : 3);
    assertThat(format.head() + String.join(format.separator(), records) + format.tail())
        .isEqualTo(whole.toString());
    assertThat(format.write(List.<Example>of().iterator(), new StringBuilder())).isZero();
  }

  @Test
  void recordsAreMadeOneAtATime() {
    Iterator<Example> endless =
        new Iterator<>() {
          private int row;

          @Override
          public boolean hasNext() {
            return true;
          }

          @Override
          public Example next() {
            return Examples.machine(row++, 0, "I", "", "O");
          }
        };

    Iterator<String> records = ExampleFormat.SELF_INSTRUCT.records(endless);

    assertThat(records.next()).contains("\"instruction\":\"I\"");
    assertThat(records.hasNext()).isTrue();
  }

  @Test
  void formatsAreNamedByTheirFiles() {
    assertThat(ExampleFormat.named("chat.jsonl")).isEqualTo(ExampleFormat.CHAT);
    assertThatThrownBy(() -> ExampleFormat.named("csv"))
        .hasMessage(
            "unknown format, csv: choose one of alpaca.json, alpaca.jsonl, self-instruct.jsonl, "
                + "prompt-completion.jsonl, chat.jsonl, sharegpt.jsonl, alpaca-eval.json");
  }
}
