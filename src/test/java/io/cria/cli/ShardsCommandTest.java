package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.llm.fake.ScriptedServer;
import io.cria.sft.TinyCheckpoint;
import io.cria.testing.DirectoryContents;
import io.cria.testing.LocalSpark;
import io.cria.testing.ScriptedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shards by Spark and by one process, and the tuned model's commands, on a tiny model. */
class ShardsCommandTest {
  @TempDir static Path folder;

  private static Path conf;

  @BeforeAll
  static void makeModelAndRunFile() throws IOException {
    LocalSpark.session();
    TinyCheckpoint.create(folder.resolve("model"));
    conf = TinyCheckpoint.runFile(folder.resolve("sft.yaml"), folder.resolve("t.yaml"));
  }

  @Test
  void theStageWritesWhatOneProcessWritesOfTheSameExamplesAndIsDoneOnce() throws Exception {
    Path run = folder.resolve("run");
    try (ScriptedServer server = ScriptedServer.start(ScriptedModel.reliable())) {
      Called made =
          Called.with(
              "run",
              Path.of("conf/self-instruct.yaml"),
              "--run",
              run,
              "--base-url",
              server.baseUrl(),
              "--target",
              "12",
              "--set",
              "rounds.size=3",
              "--set",
              "endpoint.keyEnv=CRIA_TEST_NO_SUCH_VARIABLE",
              "--no-report");
      assertThat(made.code()).as(made.err()).isZero();
    }
    Called stage = Called.with("stage", "shards", "--run", run, "--sft-conf", conf);
    assertThat(stage.code()).as(stage.err()).isZero();
    Path plain = folder.resolve("plain");
    Called shards =
        Called.with("shards", conf, "--dataset", run.resolve("dataset"), "--output", plain);
    assertThat(shards.code()).as(shards.err()).isZero();
    SortedMap<String, String> expected = DirectoryContents.of(plain);
    assertThat(expected)
        .containsOnlyKeys(
            "evaluation/part-00000-00000.bin",
            "evaluation/shards.json",
            "tokenizer.json",
            "train/part-00000-00000.bin",
            "train/shards.json");
    SortedMap<String, String> written = DirectoryContents.of(run.resolve("shards"));
    assertThat(written.remove("_manifest.json"))
        .contains("\"stage\" : \"shards\"", "\"shards/tokenizer.json\"");
    assertThat(written).isEqualTo(expected);
    Called masks = Called.with("masks", run);
    assertThat(masks.code()).as(masks.err()).isZero();
    assertThat(masks.out()).contains("</s>⟧").isEqualTo(Called.with("masks", plain).out());

    long before = Files.getLastModifiedTime(run.resolve("shards/_manifest.json")).toMillis();
    assertThat(Called.with("stage", "shards", "--run", run, "--sft-conf", conf).code()).isZero();
    assertThat(Files.getLastModifiedTime(run.resolve("shards/_manifest.json")).toMillis())
        .isEqualTo(before);
    String plan = Files.readString(run.resolve("shards/_manifest.json"));
    Called longer =
        Called.with(
            "stage",
            "shards",
            "--run",
            run,
            "--sft-conf",
            conf,
            "--set",
            "shards.contextLength=333",
            "--set",
            "limits.attempts=3");
    assertThat(longer.code()).as(longer.err()).isZero();
    assertThat(run.resolve("shards/_manifest.json")).content().isNotEqualTo(plan);
    assertThat(Called.with("stage", "shards", "--run", run).err())
        .startsWith("cria: stage shards: which model is not said: give --sft-conf");
  }

  @Test
  void aTunedModelIsAskedMergedAndExported() throws Exception {
    Path data = TinyCheckpoint.dataset(folder.resolve("data.jsonl"), 24);
    Path out = folder.resolve("tuned");
    Called trained = Called.with("train-local", conf, "--dataset", data, "--output", out);
    assertThat(trained.code()).as(trained.err()).isZero();
    assertThat(trained.out())
        .matches("(?s)evaluation loss  \\d\\.\\d+ before, \\d\\.\\d+ after \\d+ steps\\Rresult .*");

    Path adapter = out.resolve("adapter");
    Path merged = folder.resolve("merged");
    assertThat(Called.with("merge", "--adapter", adapter, "--output", merged).code()).isZero();
    assertThat(merged.resolve("model.safetensors"))
        .hasSameBinaryContentAs(out.resolve("model/model.safetensors"));

    Called asked = ask("--checkpoint", merged);
    assertThat(asked.code()).as(asked.err()).isZero();
    assertThat(asked.out()).contains("the the");
    assertThat(ask("--checkpoint", adapter)).isEqualTo(asked);
    assertThat(ask("--checkpoint", out.resolve("base"), "--adapter", adapter)).isEqualTo(asked);
    Path questions =
        Files.writeString(folder.resolve("q.jsonl"), "{\"instruction\": \"Say the 5. thing.\"}\n");
    assertThat(Called.with("generate", "--checkpoint", merged, "--input", questions).out())
        .startsWith("{\"instruction\":\"Say the 5. thing.\",\"input\":\"\",\"output\":\"the");

    Path gguf = folder.resolve("tuned.gguf");
    Called exported =
        Called.with("export-gguf", "--checkpoint", merged, "--output", gguf, "--type", "Q8_0");
    assertThat(exported.code()).as(exported.err()).isZero();
    Called again =
        Called.with(
            "train-local",
            conf,
            "--base",
            gguf,
            "--dataset",
            data,
            "--output",
            folder.resolve("again"),
            "--set",
            "training.maxSteps=1");
    assertThat(again.code()).as(again.err()).isZero();
  }

  @Test
  void aModelTaughtThePlainFormBringsItAfterAMergeToo() throws Exception {
    Path data = TinyCheckpoint.dataset(folder.resolve("chats.jsonl"), 8);
    Path out = folder.resolve("chatting");
    Called trained =
        Called.with(
            "train-local",
            conf,
            "--dataset",
            data,
            "--output",
            out,
            "--set",
            "template=chat",
            "--set",
            "training.maxSteps=1");
    assertThat(trained.code()).as(trained.err()).isZero();
    assertThat(out.resolve("base/tokenizer_config.json"))
        .content()
        .doesNotContain("\"chat_template\"");
    Path merged = folder.resolve("chatting-merged");
    Called merging = Called.with("merge", "--adapter", out.resolve("adapter"), "--output", merged);
    assertThat(merging.code()).as(merging.err()).isZero();
    assertThat(merged.resolve("tokenizer_config.json"))
        .content()
        .contains("\"chat_template\"")
        .isEqualTo(Files.readString(out.resolve("model/tokenizer_config.json")));
  }

  private static Called ask(Object... checkpoint) {
    return Called.with(
        Stream.concat(
                Stream.of("generate", "--prompt", "Say the 5. thing.", "--max-tokens", "12"),
                Stream.of(checkpoint))
            .toArray());
  }

  @Test
  void whatDoesNotFitTogetherIsOneLine() {
    assertBad(
        "generate: give either --prompt TEXT or --input FILE", "generate", "--checkpoint", "x");
    assertBad("no checkpoint at x: give", "generate", "--checkpoint", "x", "--prompt", "a");
    assertBad("serve: which model is not clear: give either", "serve");
    assertBad("no checkpoint at x: give", "serve", "--checkpoint", "x");
    assertBad(
        "no checkpoint at x: give a model's directory as --checkpoint",
        "export-gguf",
        "--checkpoint",
        "x",
        "--output",
        "y");
    assertBad(
        "what to train on is not clear: give",
        "train-local",
        conf,
        "--output",
        folder.resolve("o"));
    assertBad(
        "nothing to resume in " + folder.resolve("o"),
        "train-local",
        conf,
        "--output",
        folder.resolve("o"),
        "--shards",
        "s",
        "--resume");
  }

  private static void assertBad(String message, Object... arguments) {
    Called called = Called.with(arguments);
    assertThat(called.code()).isEqualTo(2);
    assertThat(called.err().lines()).hasSize(1);
    assertThat(called.err()).startsWith("cria: " + message);
  }
}
