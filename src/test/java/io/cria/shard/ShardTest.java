package io.cria.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.task.Conversation;
import io.cria.task.CriaException;
import io.cria.task.SeededRandom;
import io.cria.task.TrainingExample;
import io.cria.testing.Fixtures;
import io.cria.tokenizer.FileTemplate;
import io.cria.tokenizer.ModelTokenizer;
import io.cria.tokenizer.SmallTokenizer;
import io.cria.tokenizer.TokenizerSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ShardTest {
  private static final Path TEMPLATE = Path.of("conf/templates/plain.yaml");

  private final ModelTokenizer tokenizer = SmallTokenizer.create();
  private final ExampleEncoder encoder =
      new ExampleEncoder(tokenizer, FileTemplate.open(TEMPLATE, tokenizer));

  @TempDir Path directory;

  @AfterEach
  void close() {
    tokenizer.close();
  }

  @Test
  void anExampleIsItsPromptMaskedAndItsAnswerWithTheEndLearnt() {
    TokenisedExample example = encoder.encode(example("ab", "cd")).sequences().get(0);
    assertThat(example.length()).isEqualTo(5);
    assertThat(IntStream.range(0, 5).mapToObj(example::isLearnt))
        .containsExactly(false, false, true, true, true);
    assertThat(example.id(4)).isEqualTo(2);
  }

  @Test
  void everyTokenOfEveryExampleIsFoundInTheRowsOnceAndInOneSegment() {
    List<TrainingExample> examples = examples(500);
    ShardWriter writer =
        new ShardWriter(
            directory, encoder, new ShardOptions(64, ShardOptions.TooLong.DROP, 100, 7));
    examples.forEach(writer::add);
    ShardCounts counts = writer.close();
    ShardSet shards = ShardSet.open(directory);
    assertThat(counts.examples()).isEqualTo(500);
    assertThat(counts.written() + counts.dropped()).isEqualTo(500);
    assertThat(counts.dropped()).isPositive();
    assertThat(shards.rows()).isEqualTo((int) counts.rows());
    assertThat(shards.learntTokens()).isEqualTo(counts.learntTokens());

    List<String> found = new ArrayList<>();
    long tokens = 0;
    for (int i = 0; i < shards.rows(); i++) {
      PackedRow row = shards.row(i);
      assertThat(row.length()).isBetween(1, 64);
      assertThat(Arrays.stream(row.segmentLengths()).sum()).isEqualTo(row.length());
      tokens += row.length();
      int at = 0;
      for (int length : row.segmentLengths()) {
        found.add(described(row, at, length));
        at += length;
      }
    }
    assertThat(tokens).isEqualTo(counts.tokens());
    List<String> expected = new ArrayList<>();
    for (TrainingExample example : examples) {
      TokenisedExample encoded = encoder.encode(example).sequences().get(0);
      if (encoded.length() <= 64) {
        expected.add(described(encoded));
      }
    }
    assertThat(found).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(counts.fill(64)).isGreaterThan(0.8);
  }

  @Test
  void positionsRestartInEachSegmentAndItsFirstTokenIsNeverLearnt() {
    ShardWriter writer = new ShardWriter(directory, encoder, ShardOptions.of(16));
    writer.add(
        List.of(new TokenisedExample(new int[] {7, 8, 9}, new boolean[] {true, true, true})));
    writer.add(List.of(new TokenisedExample(new int[] {5, 6}, new boolean[] {false, true})));
    assertThat(writer.close().learntTokens()).isEqualTo(3);
    PackedRow row = ShardSet.open(directory).row(0);
    assertThat(row.ids()).containsExactly(7, 8, 9, 5, 6);
    assertThat(row.labels()).containsExactly(-100, 8, 9, -100, 6);
    assertThat(row.positions()).containsExactly(0, 1, 2, 0, 1);
    assertThat(row.segmentLengths()).containsExactly(3, 2);
    assertThat(row.learntTokens()).isEqualTo(3);
  }

  @Test
  void aLongExampleIsCutOrDroppedAndCounted() {
    TokenisedExample longOne =
        new TokenisedExample(
            new int[] {1, 2, 3, 4, 5}, new boolean[] {false, false, true, true, true});
    TokenisedExample longPrompt =
        new TokenisedExample(new int[5], new boolean[] {false, false, false, false, true});
    TokenisedExample mute = new TokenisedExample(new int[2], new boolean[2]);
    TokenisedExample good = new TokenisedExample(new int[] {8, 9}, new boolean[] {false, true});
    ShardWriter cutter =
        new ShardWriter(
            directory.resolve("cut"),
            encoder,
            new ShardOptions(4, ShardOptions.TooLong.CUT, 1, 10));
    List.of(longOne, longPrompt, mute, good).forEach(each -> cutter.add(List.of(each)));
    assertThat(cutter.close()).isEqualTo(new ShardCounts(4, 2, 0, 1, 0, 2, Map.of(), 2, 2, 6, 3));
    assertThat(ShardSet.open(directory.resolve("cut")).row(0).ids()).containsExactly(1, 2, 3, 4);
    ShardWriter dropper =
        new ShardWriter(
            directory.resolve("drop"),
            encoder,
            new ShardOptions(4, ShardOptions.TooLong.DROP, 1, 10));
    List.of(longOne, longPrompt, mute, good).forEach(each -> dropper.add(List.of(each)));
    assertThat(dropper.close()).isEqualTo(new ShardCounts(4, 1, 0, 0, 2, 1, Map.of(), 1, 1, 2, 1));
  }

  @Test
  void rowsArePackedBestFitFromTheLongest() {
    List<List<Integer>> rows = new ArrayList<>();
    Packer packer =
        new Packer(10, 100, row -> rows.add(row.stream().map(TokenisedExample::length).toList()));
    IntStream.of(2, 7, 5, 3, 4, 1, 8)
        .forEach(length -> packer.add(new TokenisedExample(new int[length], new boolean[length])));
    packer.flush();
    assertThat(rows).containsExactly(List.of(8, 2), List.of(7, 3), List.of(5, 4, 1));
    assertThatThrownBy(() -> packer.add(new TokenisedExample(new int[11], new boolean[11])))
        .hasMessage("11 tokens do not fit a row of 10");
  }

  @Test
  void instructionLengthsFillTheirRowsAlmostWhole() throws IOException {
    JsonNode lengths =
        new ObjectMapper()
            .readTree(Files.readString(Fixtures.file("golden/llama/lengths.json")))
            .path("lengths");
    List<Integer> rows = new ArrayList<>();
    Packer packer =
        new Packer(
            512, 8192, row -> rows.add(row.stream().mapToInt(TokenisedExample::length).sum()));
    lengths.forEach(
        length ->
            packer.add(new TokenisedExample(new int[length.asInt()], new boolean[length.asInt()])));
    packer.flush();
    int tokens = rows.stream().mapToInt(Integer::intValue).sum();
    assertThat(rows).hasSize((tokens + 511) / 512);
  }

  @Test
  void theSameExamplesGiveTheSameBytes() throws IOException {
    for (String name : List.of("one", "two")) {
      ShardWriter writer =
          new ShardWriter(
              directory.resolve(name),
              encoder,
              new ShardOptions(48, ShardOptions.TooLong.CUT, 64, 20));
      examples(200).forEach(writer::add);
      writer.close();
    }
    try (var files = Files.list(directory.resolve("one"))) {
      List<Path> all = files.toList();
      assertThat(all).hasSizeGreaterThan(2);
      for (Path file : all) {
        assertThat(directory.resolve("two").resolve(file.getFileName()))
            .hasSameBinaryContentAs(file);
      }
    }
  }

  @Test
  void partitionsAreWrittenApartAndJoinedByAManifest() {
    List<String> files = new ArrayList<>();
    ShardCounts counts = ShardCounts.NONE;
    for (int part = 0; part < 3; part++) {
      ShardWriter writer = new ShardWriter(directory, "part-" + part, encoder, ShardOptions.of(64));
      examples(50 * part).forEach(writer::add);
      files.addAll(writer.finish());
      counts = counts.plus(writer.counts());
    }
    assertThatThrownBy(() -> ShardSet.open(directory)).hasMessageContaining("has no shards.json");
    ShardWriter.writeManifest(directory, files, counts);
    ShardSet shards = ShardSet.open(directory);
    assertThat(shards.rows()).isEqualTo((int) counts.rows());
    assertThat(shards.row(shards.rows() - 1).length()).isPositive();
    assertThat(ShardSet.openLocalCopy(directory, directory.resolve("copy")).rows())
        .isEqualTo(shards.rows());
  }

  @Test
  void nothingToTrainOnIsAnErrorThatSaysWhy() {
    assertThatThrownBy(() -> new ShardWriter(directory, encoder, ShardOptions.of(8)).close())
        .isInstanceOf(CriaException.class)
        .hasMessageContaining("the dataset is empty");
    ShardWriter writer = new ShardWriter(directory, encoder, ShardOptions.of(8));
    writer.add(example("a prompt of more than eight tokens", "x"));
    writer.add(List.of(new TokenisedExample(new int[3], new boolean[3])));
    assertThatThrownBy(writer::close)
        .isInstanceOf(CriaException.class)
        .hasMessageContaining("none of 2 examples fits with something to learn")
        .hasMessageContaining("1 are too long, 1 have no answer left");
    assertThatThrownBy(() -> ShardSet.open(directory)).hasMessageContaining("has no shards.json");
  }

  @Test
  void shardsOfAnotherTokenizerAreRefused() {
    write(directory, encoder);
    ShardSet shards = ShardSet.open(directory);
    shards.requireMadeFor(tokenizer.hash(), 64);
    assertThatThrownBy(() -> shards.requireMadeFor("0123456789abcdef", 64))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining("holds shards of another tokenizer")
        .hasMessageContaining("the model's is 01234567");
    assertThatThrownBy(() -> shards.requireMadeFor(tokenizer.hash(), 32))
        .hasMessageContaining("rows of 64 tokens, the model takes 32");
  }

  @Test
  void shardsOfTwoLayoutsAreNoDataset() throws IOException {
    write(directory, encoder);
    Path other = directory.resolve("other");
    try (ModelTokenizer begins =
        SmallTokenizer.create(new TokenizerSettings("<s>", "</s>", null, null, true, null))) {
      write(other, new ExampleEncoder(begins, FileTemplate.open(TEMPLATE, begins)));
    }
    Files.copy(other.resolve("shard-00000.bin"), directory.resolve("zz.bin"));
    ShardWriter.writeManifest(
        directory,
        List.of("shard-00000.bin", "zz.bin"),
        new ShardCounts(1, 1, 0, 0, 0, 0, Map.of(), 1, 1, 1, 1));
    assertThatThrownBy(() -> ShardSet.open(directory))
        .hasMessageContaining("zz.bin is of another tokenizer, template");
  }

  @Test
  void aCutOrChangedShardIsRefused() throws IOException {
    write(directory, encoder);
    Path file = directory.resolve("shard-00000.bin");
    byte[] whole = Files.readAllBytes(file);
    for (int length : new int[] {0, 7, 15, 40, whole.length / 2, whole.length - 1}) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> ShardSet.open(directory))
          .isInstanceOf(CriaException.class)
          .hasMessageContaining("shard-00000.bin is truncated");
    }
    for (int at = 0; at < whole.length; at += 61) {
      byte[] changed = whole.clone();
      changed[at] ^= 0x20;
      Files.write(file, changed);
      assertThatThrownBy(() -> ShardSet.open(directory))
          .as("byte %d", at)
          .isInstanceOf(CriaException.class);
    }
    Files.delete(file);
    assertThatThrownBy(() -> ShardSet.open(directory))
        .hasMessageContaining("shard-00000.bin cannot be read");
  }

  @Test
  void anEpochsOrderFollowsSeedAndEpochAndAnyRanksShareIt() {
    int rows = 103;
    EpochOrder order = EpochOrder.of(rows, 16, 42, 3);
    assertThat(order.steps()).isEqualTo(7);
    Set<Integer> seen = new HashSet<>();
    for (int step = 0; step < order.steps(); step++) {
      int[] batch = order.batch(step);
      Arrays.stream(batch).forEach(row -> assertThat(seen.add(row)).isTrue());
      for (int ranks : new int[] {1, 2, 3, 5, 32}) {
        List<Integer> joined = new ArrayList<>();
        for (int rank = 0; rank < ranks; rank++) {
          Arrays.stream(order.batch(step, rank, ranks)).forEach(joined::add);
        }
        assertThat(joined)
            .containsExactlyInAnyOrder(Arrays.stream(batch).boxed().toArray(Integer[]::new));
      }
    }
    assertThat(seen).hasSize(rows);
    assertThat(EpochOrder.of(rows, 16, 42, 3).batch(0)).containsExactly(order.batch(0));
    assertThat(EpochOrder.of(rows, 16, 42, 4).batch(0)).isNotEqualTo(order.batch(0));
    assertThat(EpochOrder.of(rows, 16, 43, 3).batch(0)).isNotEqualTo(order.batch(0));
    assertThatThrownBy(() -> order.batch(0, 2, 2)).hasMessage("rank 2 of 2");
  }

  private static void write(Path to, ExampleEncoder encoder) {
    ShardWriter writer = new ShardWriter(to, encoder, ShardOptions.of(64));
    examples(20).forEach(writer::add);
    writer.close();
  }

  private static List<TrainingExample> examples(int count) {
    SeededRandom random = new SeededRandom(7);
    List<TrainingExample> examples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String prompt = "p".repeat(1 + random.nextInt(30)) + i;
      examples.add(example(prompt, "c".repeat(1 + random.nextInt(40))));
    }
    return examples;
  }

  private static TrainingExample example(String prompt, String completion) {
    return new TrainingExample(
        "task",
        "",
        "answer",
        prompt,
        completion,
        Conversation.answered("task", "", "answer"),
        true);
  }

  private static String described(PackedRow row, int at, int length) {
    int[] ids = row.ids();
    int[] labels = row.labels();
    StringBuilder text = new StringBuilder();
    for (int i = at; i < at + length; i++) {
      text.append(ids[i]).append(labels[i] == PackedRow.IGNORED ? " " : "! ");
    }
    return text.toString();
  }

  private static String described(TokenisedExample example) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < example.length(); i++) {
      text.append(example.id(i)).append(example.isLearnt(i) ? "! " : " ");
    }
    return text.toString();
  }
}
