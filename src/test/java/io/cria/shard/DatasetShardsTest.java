package io.cria.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.dataset.TrainingFile;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.TrainingExample;
import io.cria.tokenizer.ModelTokenizer;
import io.cria.tokenizer.SmallTokenizer;
import io.cria.tokenizer.TemplateSource;
import io.cria.tokenizer.TokenizerSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatasetShardsTest {
  private static final TemplateSource LAYOUT =
      new TemplateSource(
          "t.yaml",
          """
          withInput: '{instruction} {input}:{output}{end}'
          withoutInput: '{instruction}:{output}{end}'
          """);

  @TempDir Path folder;

  private Path alpaca(String text) throws IOException {
    return Files.writeString(folder.resolve("alpaca.json"), text);
  }

  private List<TrainingExample> read(String text) throws IOException {
    List<TrainingExample> examples = new ArrayList<>();
    TrainingFile.read(alpaca(text), examples::add);
    return examples;
  }

  private ShardPart.Written write(Path directory, List<TrainingExample> examples, ShardPlan plan) {
    try (ModelTokenizer tokenizer = SmallTokenizer.create()) {
      ExampleEncoder encoder = new ExampleEncoder(tokenizer, LAYOUT.template(tokenizer));
      return DatasetShards.write(directory, examples::forEach, encoder, plan);
    }
  }

  /** Two answers for each of so many instructions. */
  private List<TrainingExample> examples(int instructions) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 2 * instructions; i++) {
      text.append("{\"instruction\": \"Do ")
          .append(i / 2)
          .append("\", \"output\": \"")
          .append("x".repeat(1 + i % 7))
          .append("\"}\n");
    }
    return read(text.toString());
  }

  @Test
  void arraysAndLinesGiveTheSameExamples() throws IOException {
    String first = "{\"instruction\": \" A? \", \"input\": \"b\", \"output\": \"c\", \"text\": 1}";
    String second = "{\"output\": \"\", \"instruction\": \"D\"}";
    List<TrainingExample> examples = read(first + "\n" + second + "\n");
    assertThat(read("[" + first + ",\n" + second + "]")).isEqualTo(examples);
    assertThat(examples).extracting(TrainingExample::instruction).containsExactly("A?", "D");
    assertThat(examples).extracting(TrainingExample::input).containsExactly("b", "");
    assertThat(examples.get(0).conversation().messages().get(0).get("content"))
        .isEqualTo("A?\n\nb");
    assertThat(read("[]")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      quoteCharacter = '~',
      value = {
        "{\"instruction\": \"a\"} # :1: the key \"output\" is missing: give objects with",
        "{\"instruction\": 3, \"output\": \"\"} # :1: the key \"instruction\" is no text",
        "{\"instruction\": \" \", \"output\": \"\"} # :1: the instruction is empty",
        "[\"text\"] # :1: this is no record",
        "{\"instruction # :1: this is no JSON",
      })
  void aBadRecordIsNamedByFileAndLine(String text, String message) {
    assertThatThrownBy(() -> read(text))
        .hasMessageStartingWith(folder.resolve("alpaca.json") + message.strip());
  }

  @Test
  void aDirectoryMeansItsTrainingFile() throws IOException {
    assertThatThrownBy(() -> TrainingFile.find(folder))
        .hasMessageStartingWith("no dataset in " + folder);
    Path file = alpaca("[]");
    assertThat(TrainingFile.find(folder)).isEqualTo(file);
  }

  @Test
  void noInstructionIsOnBothSidesAndTheOrderDoesNotMatter() {
    List<String> keys =
        new ArrayList<>(IntStream.range(0, 50).mapToObj(i -> HeldOut.key(7, "i" + i)).toList());
    HeldOut heldOut = HeldOut.among(keys, 0.1, 7);
    Collections.reverse(keys);
    assertThat(HeldOut.among(keys, 0.1, 7)).isEqualTo(heldOut);
    assertThat(IntStream.range(0, 50).filter(i -> heldOut.holds("i" + i))).hasSize(5);
    assertThat(HeldOut.among(keys, 0, 7).holds("i1")).isFalse();
    assertThat(HeldOut.count(0.001, 50)).isEqualTo(1);
    assertThat(HeldOut.count(0.99, 2)).isEqualTo(1);
    assertThat(HeldOut.count(0.5, 1)).isZero();
  }

  @Test
  void partsHoldEveryExampleOnceAndWritingAgainGivesTheSameBytes() throws IOException {
    List<TrainingExample> examples = examples(20);
    ShardPlan plan = new ShardPlan(64, false, true, 0.25, 3, 9);
    ShardPart.Written written = write(folder.resolve("a"), examples, plan);
    assertThat(written.examples()).isEqualTo(40);
    assertThat(written.evaluation().counts().written()).isEqualTo(10);
    assertThat(written.training().files())
        .containsExactlyElementsOf(
            IntStream.range(0, 5).mapToObj(i -> "part-0000" + i + "-00000.bin").toList());
    ShardSet training = ShardSet.open(folder.resolve("a/train"));
    ShardSet evaluation = ShardSet.open(folder.resolve("a/evaluation"));
    assertThat(segments(training) + segments(evaluation)).isEqualTo(40);

    Files.writeString(Files.createDirectories(folder.resolve("b/train")).resolve("old.bin"), "x");
    Files.writeString(folder.resolve("b/tokenizer.json"), "old");
    write(folder.resolve("b"), examples, plan);
    assertThat(folder.resolve("b/train/old.bin")).doesNotExist();
    try (ModelTokenizer tokenizer = SmallTokenizer.create()) {
      assertThat(folder.resolve("b/tokenizer.json")).hasBinaryContent(tokenizer.json());
    }
    for (String file : List.of("train/shards.json", "train/part-00002-00000.bin")) {
      assertThat(folder.resolve("b").resolve(file))
          .hasSameBinaryContentAs(folder.resolve("a").resolve(file));
    }
  }

  private static int segments(ShardSet shards) {
    return IntStream.range(0, shards.rows())
        .map(row -> shards.row(row).segmentLengths().length)
        .sum();
  }

  @Test
  void withoutPackingEveryExampleHasARowOfItsOwn() throws IOException {
    write(folder.resolve("a"), examples(5), new ShardPlan(64, false, false, 0, 3, 100));
    ShardSet shards = ShardSet.open(folder.resolve("a/train"));
    assertThat(shards.rows()).isEqualTo(10);
    assertThat(DatasetShards.hasEvaluation(folder.resolve("a"))).isFalse();
    Set<Integer> lengths = new HashSet<>();
    for (int row = 0; row < 10; row++) {
      lengths.add(shards.row(row).length());
    }
    assertThat(lengths).hasSizeGreaterThan(3);
  }

  @Test
  void whatDoesNotFitIsCounted() throws IOException {
    ShardPart.Written written =
        write(folder.resolve("a"), examples(20), new ShardPlan(9, false, true, 0, 3, 100));
    assertThat(written.training().counts().dropped()).isPositive();
    assertThat(written.describe(9))
        .startsWith("40 examples: ")
        .contains("left out; without an answer: 0");
  }

  private ShardPart.Written writeChats(String template, String records) throws IOException {
    TokenizerSettings settings =
        new TokenizerSettings("<s>", "</s>", null, "<unk>", false, template);
    try (ModelTokenizer tokenizer = SmallTokenizer.create(settings)) {
      ExampleEncoder encoder =
          new ExampleEncoder(tokenizer, TemplateSource.OWN_CHAT.template(tokenizer));
      return DatasetShards.write(
          folder.resolve("chats"),
          read(records)::forEach,
          encoder,
          new ShardPlan(256, false, true, 0, 3, 100));
    }
  }

  private static final String THREE_CHATS =
      """
      {"messages": [{"role": "user", "content": "A"}, {"role": "assistant", "content": "B"},
        {"role": "user", "content": "C"}, {"role": "assistant", "content": "D"}]}
      {"messages": [{"role": "user", "content": "A"}]}
      {"messages": [{"role": "system", "content": "S"}, {"role": "assistant", "content": "B"}]}
      """;

  @Test
  void aChatIsSeveralSequencesOrIsRefusedAndTheManifestSaysHowMany() throws IOException {
    String lastOnly =
        "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}{% for m"
            + " in messages %}{{ m.role + ':' + ('!' if loop.last and m.role == 'assistant' else"
            + " '') + m.content + eos_token }}{% endfor %}{{ 'assistant:' if add_generation_prompt"
            + " else '' }}";
    ShardPart.Written written = writeChats(lastOnly, THREE_CHATS);
    ShardCounts counts = written.training().counts();
    assertThat(counts.written()).isEqualTo(1);
    assertThat(counts.sequences()).isEqualTo(2);
    assertThat(counts.refused()).isEqualTo(Map.of("no_answer", 1L, "template", 1L));
    assertThat(written.describe(256))
        .endsWith(
            "; not taken by the layout: 1 (there is no answer; the first: no message of the assistant"
                + " is to be learnt), 1 (the chat template refuses the chat; the first: chat template,"
                + " line 1: no system)");
    assertThat(Files.readString(folder.resolve("chats/train/shards.json")))
        .contains("\"no_answer\" : 1", "\"template\" : 1", "\"sequences\" : 2");
    assertThat(segments(ShardSet.open(folder.resolve("chats/train")))).isEqualTo(2);
  }

  @Test
  void whereTheLayoutTakesNoneTheReasonsAreToldAndTheInputIsBad() {
    String thinksInThePrompt =
        "{% for m in messages %}{{ m.role + ':' + m.content + eos_token }}{% endfor %}"
            + "{{ 'assistant:<think>' if add_generation_prompt else '' }}";
    assertThatThrownBy(() -> writeChats(thinksInThePrompt, THREE_CHATS))
        .isInstanceOfSatisfying(
            CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
        .hasMessageContaining("none of 3 examples fits with something to learn")
        .hasMessageContaining("the layout does not take 1 (there is no answer; the first: ")
        .hasMessageContaining("; the first: message 2: the chat with the answer does not begin");
  }
}
