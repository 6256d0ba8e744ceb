package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.shard.DatasetShards;
import io.cria.shard.ExampleEncoder;
import io.cria.shard.ShardPlan;
import io.cria.task.Conversation;
import io.cria.task.Message;
import io.cria.task.TrainingExample;
import io.cria.tokenizer.ModelTokenizer;
import io.cria.tokenizer.SmallTokenizer;
import io.cria.tokenizer.TemplateSource;
import io.cria.tokenizer.TokenPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MasksCommandTest {
  private static final TemplateSource LAYOUT =
      new TemplateSource(
          "t.yaml",
          """
          withInput: "{instruction} {input}:{output}{end}"
          withoutInput: "{instruction}:{output}{end}"
          """);

  @TempDir static Path folder;

  private static Path shards;

  /** Twelve examples, of which two are held out and one is a chat; two to a file. */
  @BeforeAll
  static void writeShards() {
    shards = folder.resolve("runs/a/shards");
    List<TrainingExample> examples = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      examples.add(TrainingExample.task("Say " + i, "", "the " + i));
    }
    examples.add(
        TrainingExample.chat(
            "Hi",
            Conversation.of(
                List.of(
                    new Message(Message.USER, "Hi"),
                    new Message(Message.ASSISTANT, "a"),
                    new Message(Message.USER, "Hi"),
                    new Message(Message.ASSISTANT, "b")))));
    examples.add(TrainingExample.task("x".repeat(200), "", "y"));
    write(shards, examples, new ShardPlan(64, false, true, 0.15, 3, 2));
  }

  private static void write(Path directory, List<TrainingExample> examples, ShardPlan plan) {
    try (ModelTokenizer bare = SmallTokenizer.create();
        ModelTokenizer tokenizer = TokenPlan.complete(bare).tokenizer()) {
      ExampleEncoder encoder = new ExampleEncoder(tokenizer, LAYOUT.template(tokenizer));
      DatasetShards.write(directory, examples::forEach, encoder, plan);
    }
  }

  private static Called masks(Object... arguments) {
    Object[] words = new Object[arguments.length + 1];
    words[0] = "masks";
    System.arraycopy(arguments, 0, words, 1, arguments.length);
    return Called.with(words);
  }

  private static void assertBad(String message, Object... arguments) {
    Called called = masks(arguments);
    assertThat(called.code()).as(called.out()).isEqualTo(2);
    assertThat(called.err().lines()).as(called.err()).hasSize(1);
    assertThat(called.err()).startsWith("cria: " + message);
    assertThat(called.out()).isEmpty();
  }

  @Test
  void examplesAreShownAndCounted() {
    Called called = masks(shards, "--n", "100");
    assertThat(called.code()).as(called.err()).isZero();
    assertThat(called.err()).isEmpty();
    List<String> heads = called.out().lines().filter(line -> line.startsWith("example ")).toList();
    assertThat(heads).hasSize(10);
    assertThat(heads.get(0)).matches("example 1 of 10: row 1, segment 1, \\d+ tokens, \\d+ learnt");
    assertThat(heads.get(9)).startsWith("example 10 of 10: row ");
    assertThat(called.out()).containsPattern("\n\nexample 2 of 10: .*\nSay \\d+:⟦the \\d+</s>⟧\n");
    assertThat(called.out())
        .contains("\n       train  evaluation\n")
        .containsPattern("(?m)^ +12 +2  examples$")
        .containsPattern("(?m)^ +10 +2  in the rows$")
        .containsPattern("(?m)^ +1 +0  left out: too long$")
        .containsPattern("(?m)^ +1 +0  left out, many_turns: the layout is for single tasks, .*$")
        .containsPattern("(?m)^ +10 +2  sequences$")
        .containsPattern("(?m)^ +\\d+\\.\\d % +\\d+\\.\\d %  learnt of all tokens$");
  }

  @Test
  void theSampleIsSpreadInOrderAndOfTheSeed() {
    List<Integer> numbers =
        masks(shards, "--n", "5")
            .out()
            .lines()
            .filter(line -> line.startsWith("example "))
            .map(line -> Integer.parseInt(line.split(" ")[1]))
            .toList();
    assertThat(numbers).hasSize(5);
    for (int i = 0; i < 5; i++) {
      assertThat(numbers.get(i)).isBetween(2 * i + 1, 2 * i + 2);
    }
    assertThat(masks(shards)).isEqualTo(masks(shards, "--n", "5", "--seed", "0"));
    assertThat(masks(shards, "--seed", "5").out()).isNotEqualTo(masks(shards).out());
  }

  @Test
  void theCountsAloneNeedNoTokenizer() throws IOException {
    Path copy = copy("old");
    Files.delete(copy.resolve("tokenizer.json"));
    Called called = masks(copy, "--n", "0");
    assertThat(called.code()).isZero();
    assertThat(called.out()).startsWith("       train  evaluation\n").doesNotContain("example 1");
  }

  /** A run, a training's output, both as the quickstart lays them out, and paths of Hadoop. */
  @Test
  void theShardsAreFoundWhereverTheyAreMeant() throws IOException {
    Called expected = masks(shards);
    assertThat(expected.code()).isZero();
    assertThat(masks(folder.resolve("runs/a"))).isEqualTo(expected);
    assertThat(masks(shards.toUri())).isEqualTo(expected);
    assertThat(masks(folder.resolve("runs/a").toUri())).isEqualTo(expected);
    Path checkpoint = Files.createDirectories(folder.resolve("quick/checkpoint"));
    copy(shards, checkpoint.resolve("shards"));
    assertThat(masks(folder.resolve("quick"))).isEqualTo(expected);
    assertThat(masks(checkpoint)).isEqualTo(expected);

    String train = masks(shards.resolve("train")).out();
    assertThat(train).contains("example 1 of 10: ").contains("\n       train\n");
    assertThat(masks(shards.resolve("train").toUri()).out()).isEqualTo(train);
    Called evaluation = masks(shards, "--side", "evaluation");
    assertThat(evaluation.out()).contains("example 2 of 2: ").contains("train  evaluation");
    assertThat(masks(shards.resolve("evaluation")).out()).contains("example 2 of 2: ");
  }

  @Test
  void colourIsForTerminalsOrOnDemand() {
    assertThat(masks(shards).out()).contains("⟦").doesNotContain("\u001b");
    assertThat(masks(shards, "--color", "always").out()).contains("\u001b[7m").doesNotContain("⟦");
    assertThat(masks(shards, "--color", "always", "--no-color").out()).contains("⟦");
    assertBad("Invalid value for option '--color'", shards, "--color", "green");
  }

  @Test
  void shardsWithoutATokenizerWantTheirModel() throws IOException {
    Path copy = copy("without");
    Files.delete(copy.resolve("tokenizer.json"));
    assertBad(
        copy
            + "/tokenizer.json: these shards were written without it, by an older version: give"
            + " --base MODEL",
        copy);
    // it lacks a padding token, which the shards' tokenizer was given for training
    Path model = Files.createDirectories(folder.resolve("model"));
    try (ModelTokenizer tokenizer = SmallTokenizer.create()) {
      tokenizer.writeTo(model);
    }
    assertThat(masks(copy, "--base", model)).isEqualTo(masks(shards));
    Path tokenizer = model.resolve("tokenizer.json");
    Files.writeString(tokenizer, Files.readString(tokenizer).replace("\"<unk>\"", "\"<huh>\""));
    Files.delete(model.resolve("tokenizer_config.json"));
    assertBad(
        "--base " + model + ": this is not the tokenizer of the shards", copy, "--base", model);
    assertBad("no tokenizer at " + folder.resolve("none"), copy, "--base", folder.resolve("none"));
  }

  @Test
  void anotherTokenizerIsRefused() throws IOException {
    Path copy = copy("another");
    Path tokenizer = copy.resolve("tokenizer.json");
    Files.writeString(tokenizer, Files.readString(tokenizer).replace("\"1.0\"", "\"1.0\" "));
    assertBad(tokenizer + ": this is not the tokenizer of the shards: give --base", copy);
    Files.writeString(tokenizer, "{");
    assertBad(tokenizer + " is no JSON", copy);
  }

  @Test
  void whatIsNotThereOrDamagedIsOneLine() throws IOException {
    Path nothing = folder.resolve("nothing");
    assertBad(nothing + ": there is no directory here: give a directory", nothing);
    assertBad(nothing + ": there is no directory here: give a directory", nothing.toUri());
    assertBad("the directory's name is empty", "");
    assertBad("--n -1: give a number", shards, "--n", "-1");
    assertBad("nope://x/y: cannot be reached", "nope://x/y");
    Path file = shards.resolve("tokenizer.json");
    assertBad(file + " holds no shards", file);
    assertBad(file + " holds no shards", file.toUri());
    Path empty = Files.createDirectories(folder.resolve("empty"));
    assertBad(
        empty + " holds no shards, or none that are whole (no train/shards.json): give", empty);
    Path run = Files.createDirectories(folder.resolve("run"));
    Files.writeString(run.resolve("run.json"), "{}");
    assertBad(run + ": this run has no shards: write them, cria stage shards --run " + run, run);
    assertBad(
        shards.resolve("train") + " has no side evaluation: --side train",
        shards.resolve("train"),
        "--side",
        "evaluation");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aDamagedShardIsNamedWhereItLies(boolean stored) throws IOException {
    Path copy = copy("damaged-" + stored);
    Object named = stored ? copy.toUri() : copy;
    Path shard = copy.resolve("train/part-00000-00000.bin");
    byte[] bytes = Files.readAllBytes(shard);
    bytes[bytes.length - 9] ^= 1;
    Files.write(shard, bytes);
    Called called = masks(named, "--n", "100");
    assertThat(called.code()).isEqualTo(2);
    assertThat(called.err().lines()).hasSize(1);
    assertThat(called.err())
        .contains("damaged-" + stored + "/train/part-00000-00000.bin is damaged: its checksum");
    Files.writeString(shard, "CRIA");
    assertThat(masks(named).err()).contains("part-00000-00000.bin is truncated");
    Files.delete(shard);
    assertThat(masks(named).err()).contains("part-00000-00000.bin").contains("cannot be read");
    Files.writeString(copy.resolve("train/shards.json"), "{");
    assertThat(masks(named).err()).contains("train/shards.json as JSON: write the shards again");
  }

  @Test
  void manifestsOfOlderVersionsAreCountedToo() throws IOException {
    Path copy = copy("older");
    Files.writeString(
        copy.resolve("train/shards.json"),
        """
        {"format": "cria-shards", "version": 1, "files": ["part-00000-00000.bin"],
         "counts": {"examples": 7, "written": 6, "cut": 1, "dropped": 1, "withoutLabels": 0,
                    "rows": 3, "tokens": 100, "learntTokens": 25,
                    "refused": {"of_tomorrow": 1}}}
        """);
    assertThat(masks(copy, "--n", "0").out())
        .containsPattern("(?m)^ +6 +2  sequences$")
        .containsPattern("(?m)^ +25.0 % .*  learnt of all tokens$")
        .contains("left out, of_tomorrow: a reason that this version does not know");
  }

  private static Path copy(String name) throws IOException {
    Path target = folder.resolve(name);
    copy(shards, target);
    return target;
  }

  private static void copy(Path from, Path to) throws IOException {
    try (var tree = Files.walk(from)) {
      for (Path each : tree.toList()) {
        Files.copy(each, to.resolve(from.relativize(each).toString()));
      }
    }
  }
}
