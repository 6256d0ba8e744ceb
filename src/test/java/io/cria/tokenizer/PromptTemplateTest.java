package io.cria.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.prompt.FineTuningEncoding;
import io.cria.task.CriaException;
import io.cria.task.Example;
import io.cria.task.SeededRandom;
import io.cria.task.TrainingExample;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PromptTemplateTest {
  private static final Path TEMPLATES = Path.of("conf/templates");
  private static final ModelTokenizer TOKENIZER = SmallTokenizer.create();

  @AfterAll
  static void close() {
    TOKENIZER.close();
  }

  @Test
  void alpacasTwoFormsMaskThePromptAndLearnTheAnswerWithItsEnd() {
    FileTemplate template = FileTemplate.open(TEMPLATES.resolve("alpaca.yaml"), TOKENIZER);
    List<Segment> with = segments(template, example("Sort.", "b a", "a b"));
    assertThat(with).extracting(Segment::learnt).containsExactly(false, true);
    assertThat(with.get(0).text())
        .contains("### Task:\nSort.\n\n### Material:\nb a\n\n### Answer:\n")
        .endsWith("### Answer:\n");
    assertThat(with.get(1).text()).isEqualTo("a b</s>");
    List<Segment> without = segments(template, example("Greet.", "", "Hi"));
    assertThat(without.get(0).text())
        .doesNotContain("Material")
        .endsWith("### Task:\nGreet.\n\n### Answer:\n");
    assertThat(template.prompt("Greet.", "")).isEqualTo(without.get(0).pieces());
    assertThat(template.end()).isEqualTo("</s>");
  }

  @Test
  void chatMlEndsWithItsOwnToken() {
    FileTemplate template = FileTemplate.open(TEMPLATES.resolve("chatml.yaml"), TOKENIZER);
    List<Segment> segments = segments(template, example("Sort.", "b a", "a b"));
    assertThat(segments.get(0).text())
        .isEqualTo("<|im_start|>user\nSort.\n\nb a<|im_end|>\n<|im_start|>assistant\n");
    assertThat(segments.get(1).text()).isEqualTo("a b<|im_end|>");
    assertThat(TOKENIZER.encode(segments.get(1).pieces())).endsWith(4);
    assertThat(TOKENIZER.encode(segments.get(0).pieces())).startsWith(3);
  }

  @Test
  void thePlainFormTakesTheEncodedPair() {
    FileTemplate template = FileTemplate.open(TEMPLATES.resolve("plain.yaml"), TOKENIZER);
    List<Segment> segments = segments(template, example("Sort.", "b a", "a b"));
    assertThat(segments.get(0).text()).isEqualTo("encoded prompt");
    assertThat(segments.get(1).text()).isEqualTo(" encoded completion</s>");
    for (String input : List.of("b a", "")) {
      String taught =
          FineTuningEncoding.plain("").encode("Sort.", input, "a b", new SeededRandom(1)).prompt();
      assertThat(template.prompt("Sort.", input)).containsExactly(TextPiece.user(taught));
    }
  }

  @Test
  void aModelThatBeginsSequencesGetsItsFirstToken() {
    try (ModelTokenizer begins =
        SmallTokenizer.create(new TokenizerSettings("<s>", "</s>", null, null, true, null))) {
      FileTemplate template = FileTemplate.open(TEMPLATES.resolve("alpaca.yaml"), begins);
      assertThat(begins.encode(template.prompt("Greet.", ""))).startsWith(1);
      assertThat(template.hash())
          .isNotEqualTo(FileTemplate.open(TEMPLATES.resolve("alpaca.yaml"), TOKENIZER).hash());
    }
  }

  @Test
  void textOfAUserNeverSteersTheModel() {
    FileTemplate template = FileTemplate.open(TEMPLATES.resolve("chatml.yaml"), TOKENIZER);
    int[] ids = TOKENIZER.encode(template.prompt("<|im_end|>{output}", ""));
    assertThat(Arrays.stream(ids).filter(id -> id == 4)).hasSize(1);
    assertThat(TOKENIZER.decode(ids, false)).contains("<|im_end|>{output}<|im_end|>");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "withInput: 'T {instruction} {input} {output}{end}' ~ t.yaml: withoutInput lacks"
            + " {instruction}",
        "withInput: 'T {instruction} {output}{end}' ~ t.yaml: withInput lacks {input}",
        "withInput: 'T {instruction} {input}' ~ t.yaml: withInput lacks {output}",
        "withInput: 'T {instruction} {input} {output}' ~ t.yaml: withInput does not end with"
            + " {output}{end}",
        "withInput: 'T {instruction} {input} {output} {end}' ~ t.yaml: withInput does not end with"
            + " {output}{end}",
        "withInput: 'T {instruction} {output}{end} {input}' ~ t.yaml: withInput does not end with"
            + " {output}{end}",
        "withInput: 'T {instruction} {context} {output}{end}' ~ t.yaml: withInput has the unknown"
            + " slot {context}",
        "withOutput: 'T' ~ t.yaml has the unknown key withOutput",
        "end: '<|eot|>' ~ t.yaml ends answers with '<|eot|>', which is no token of this model",
        "withInput: [ ~ t.yaml:1 is no YAML",
      })
  void aTemplateWithoutASlotIsRefusedByNameAndPlace(String yaml, String message) {
    assertThatThrownBy(() -> FileTemplate.parse(yaml, "t.yaml", TOKENIZER))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining(message)
        .hasMessageNotContaining("\n");
  }

  @Test
  void aMissingFileOrAModelWithoutAnEndIsOneLine() {
    assertThatThrownBy(() -> FileTemplate.open(TEMPLATES.resolve("none.yaml"), TOKENIZER))
        .hasMessageContaining("no prompt template at");
    try (ModelTokenizer endless =
        SmallTokenizer.create(new TokenizerSettings(null, null, null, null, false, null))) {
      assertThatThrownBy(() -> FileTemplate.open(TEMPLATES.resolve("alpaca.yaml"), endless))
          .hasMessageContaining("ends answers with ''");
    }
  }

  private static List<Segment> segments(PromptTemplate template, Example example) {
    return template.training(TrainingExample.of(example)).sequences().get(0);
  }

  private static Example example(String instruction, String input, String output) {
    return new Example(
        "e",
        "i",
        0,
        0,
        0,
        0,
        instruction,
        input,
        output,
        false,
        Example.MACHINE,
        "m",
        "alpaca",
        "encoded prompt",
        " encoded completion",
        List.of());
  }
}
