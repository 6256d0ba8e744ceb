package io.cria.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.sft.SftRunFile;
import io.cria.storage.ObjectFiles;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.testing.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a training is made from, wherever it lies, and what is refused before it begins. */
class TrainingInputTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  private ShardedRun run;

  @BeforeAll
  static void knowAStore() {
    LocalSpark.session()
        .sparkContext()
        .hadoopConfiguration()
        .set("fs.objects.impl", ObjectFiles.class.getName());
  }

  @BeforeEach
  void makeARun() throws IOException {
    run = ShardedRun.create(folder);
  }

  private static void fails(ThrowingCallable work, ExitCode code, String... words) {
    assertThatThrownBy(work)
        .isInstanceOfSatisfying(CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(code))
        .message()
        .contains(words)
        .doesNotContain("\n");
  }

  private JsonNode job(int line) throws IOException {
    String start = run.starts().get(line);
    return JSON.readTree(start.substring(start.indexOf('{')));
  }

  @Test
  void whatLiesOnTheDiskIsUsedWhereItLies() throws IOException {
    run.train("tuned", 1);
    assertThat(job(0).path("base").asText()).isEqualTo(run.model().toString());
    assertThat(job(0).path("baseName").asText()).isEqualTo(run.model().toString());
    assertThat(job(0).path("shards").asText()).isEqualTo(run.run().resolve("shards").toString());
    assertThat(job(0).path("overrides").toString())
        .as("no GPU is given")
        .isEqualTo("{\"training.device\":\"cpu\"}");
  }

  @Test
  void aModelOnAStoreIsFetchedOnceForAllRanksOfAHost() throws IOException {
    run.withBase("objects://" + run.model());
    assertThat(run.train("tuned", 2).code()).isEqualTo(ExitCode.DONE);
    assertThat(job(0).path("base").asText())
        .contains("cria-train/base-")
        .isEqualTo(job(1).path("base").asText());
    Path fetched = Path.of(job(0).path("base").asText());
    assertThat(fetched.resolve("model.safetensors"))
        .hasSameBinaryContentAs(run.model().resolve("model.safetensors"));
    assertThat(fetched.resolve("tokenizer.json"))
        .hasSameBinaryContentAs(run.model().resolve("tokenizer.json"));
  }

  @Test
  void aGgufFileOnAStoreIsFetchedToo() throws IOException {
    Path gguf = Files.writeString(folder.resolve("small.gguf"), "weights");
    run.withBase("objects://" + gguf);
    assertThat(run.train("tuned", 1).code()).isEqualTo(ExitCode.DONE);
    Path fetched = Path.of(job(0).path("base").asText());
    assertThat(fetched).hasFileName("small.gguf").content().isEqualTo("weights");
  }

  @Test
  void aRunOnAStoreIsTrainedThere() throws IOException {
    assertThat(run.onStore("objects://").train("tuned", 2).code()).isEqualTo(ExitCode.DONE);
    assertThat(job(1).path("shards").asText()).contains("cria-train/shards-");
    assertThat(Path.of(job(1).path("shards").asText()).resolve("train")).isDirectory();
    assertThat(run.text("tuned", "adapter/adapter_model.safetensors")).hasSize(64);
  }

  @Test
  void aRunWithoutShardsNamesTheStage() throws IOException {
    Files.delete(run.run().resolve("_manifests/shards.json"));
    fails(
        () -> run.train("tuned", 1),
        ExitCode.BAD_INPUT,
        "has no shards to train on",
        "cria stage shards --run",
        "--sft-conf " + run.runFile());
  }

  @Test
  void shardsThatWereChangedAreRefused() throws IOException {
    Path shard = folder.resolve("run/shards/train/part-00000-00000.bin");
    Path any = Files.exists(shard) ? shard : first(run.run().resolve("shards/train"));
    byte[] bytes = Files.readAllBytes(any);
    bytes[bytes.length - 1] ^= 1;
    Files.write(any, bytes);
    fails(
        () -> run.train("tuned", 1),
        ExitCode.BAD_INPUT,
        "its bytes are not those of its manifest",
        "write the shards again");
  }

  private static Path first(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(".bin")).findFirst().orElseThrow();
    }
  }

  @Test
  void shardsOfAnotherTokenizerOrLayoutAreRefused() throws IOException {
    Path file = run.run().resolve("_manifests/shards.json");
    JsonNode manifest = JSON.readTree(Files.readString(file));
    String tokenizer = manifest.path("inputs").path(0).path("sha256").asText();
    String template = manifest.path("inputs").path(1).path("sha256").asText();
    String text = Files.readString(file);
    Files.writeString(file, text.replace(tokenizer, "0".repeat(64)));
    fails(
        () -> run.train("tuned", 1),
        ExitCode.BAD_INPUT,
        "shards are of another tokenizer (00000000, the base model's is "
            + tokenizer.substring(0, 8));
    Files.writeString(file, text.replace(template, "0".repeat(64)));
    fails(() -> run.train("tuned", 1), ExitCode.BAD_INPUT, "another layout than", "template.yaml");
  }

  @Test
  void aNameBelongsToOneTraining() {
    run.train("tuned", 1);
    fails(
        () -> run.train("tuned", 1, Map.of("training.epochs", "3"), () -> false),
        ExitCode.RUN_REFUSED,
        "the training tuned was begun with training.epochs 16.0, which is 3.0 now",
        "another --name");
    assertThat(run.train("other", 1, Map.of("training.epochs", "3"), () -> false).code())
        .isEqualTo(ExitCode.DONE);
    assertThat(
            TrainingPlace.names(
                TrainingPlace.of(
                        run.run().toString(),
                        "x",
                        LocalSpark.session().sparkContext().hadoopConfiguration())
                    .run()))
        .isEqualTo(List.of("other", "tuned"));
  }

  @Test
  void whatCanBeNoDirectorysNameIsRefused() {
    for (String name : List.of("", ".hidden", "a/b", "a b", "x".repeat(65))) {
      fails(() -> run.train(name, 1), ExitCode.BAD_INPUT, "no name for a training");
    }
  }

  @Test
  void gpusThatNobodyHasAreRefused() {
    fails(
        () -> run.train("tuned", 1, Map.of("training.device", "cuda"), () -> false),
        ExitCode.BAD_INPUT,
        "training.device is cuda, and cluster.gpusPerRank 0 gives a rank none");
    assertThatThrownBy(() -> new Slots(LocalSpark.session().sparkContext(), 1, 1))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining("local[2,4] gives tasks no GPUs: take a cluster");
  }

  @Test
  void ranksWithAGpuUseItUnlessTheRunFileNamesTheProcessor() {
    assertThat(TrainingChecks.device(withGpu("auto"))).containsEntry("training.device", "cuda");
    assertThat(TrainingChecks.device(withGpu("cuda"))).isEmpty();
    SftRunFile onProcessor = withGpu("cpu");
    TrainingChecks.requireDevice(onProcessor);
    assertThat(TrainingChecks.device(onProcessor)).isEmpty();
  }

  private SftRunFile withGpu(String device) {
    return run.file(Map.of("cluster.gpusPerRank", "1", "training.device", device));
  }

  @Test
  void executorsAreWaitedForAsLongAsTheRunFileSays() {
    fails(
        () -> run.train("tuned", 3, Map.of("cluster.waitSeconds", "0"), () -> false),
        ExitCode.BAD_INPUT,
        "have room for 2 after 0 s");
  }

  @Test
  void executorsThatComeAndGoAreRefused() {
    SparkConf conf = new SparkConf(false).set("spark.dynamicAllocation.enabled", "true");
    fails(
        () -> TrainingChecks.requireFixedExecutors(conf),
        ExitCode.BAD_INPUT,
        "spark.dynamicAllocation.enabled=true",
        "set it to false");
  }

  @Test
  void aModelThatIsNotThereIsNamed() {
    run.withBase("objects:///no/such/model");
    fails(() -> run.train("tuned", 1), ExitCode.BAD_INPUT, "/no/such/model", "no base model here");
  }
}
