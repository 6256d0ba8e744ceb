package io.cria.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.sft.FineTuning;
import io.cria.sft.train.Trainer;
import io.cria.task.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command itself with two executor processes and the engine in the ranks' own. */
@Tag("cluster")
class ClusterTrainingTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long MINUTES = 4;

  @TempDir Path folder;

  @Test
  void twoRanksLearnWhatOneProcessLearns() throws IOException, InterruptedException {
    ShardedRun run = ShardedRun.create(folder);
    Path log = folder.resolve("log");
    Process driver = start(run, log, "--set", "training.maxSteps=12");
    try {
      assertThat(driver.waitFor(MINUTES, TimeUnit.MINUTES)).as("it ended in time").isTrue();
    } finally {
      driver.destroyForcibly();
    }
    assertThat(driver.exitValue()).as(Files.readString(log)).isZero();
    assertThat(Files.readString(log))
        .contains("train tuned  12/12", "trained tuned after 12 steps: " + run.training("tuned"));
    assertThat(run.training("tuned").resolve("adapter/adapter_model.safetensors")).exists();
    assertThat(run.training("tuned").resolve("model/model.safetensors")).exists();
    assertThat(run.training("tuned").resolve("_manifests/result.json"))
        .content()
        .contains("adapter/adapter_model.safetensors", "model/model.safetensors");

    Map<Integer, Double> losses = losses(run.training("tuned").resolve("metrics.jsonl"));
    Map<Integer, Double> ofOne = losses(oneProcess(run).resolve("metrics.jsonl"));
    assertThat(losses.keySet()).isEqualTo(ofOne.keySet()).hasSize(12);
    losses.forEach((step, loss) -> assertThat(loss).isCloseTo(ofOne.get(step), within(1e-5)));
  }

  /** As the launcher starts it. */
  private Process start(ShardedRun run, Path log, String... more) throws IOException {
    Path home = Files.createDirectories(folder.resolve("spark"));
    Files.createDirectories(home.resolve("jars"));
    String classPath = System.getProperty("java.class.path");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(org.apache.spark.launcher.JavaModuleOptions.defaultModuleOptions().split(" ")));
    command.addAll(
        List.of(
            "-Xmx512m",
            "-XX:TieredStopAtLevel=1",
            "-Dspark.master=local-cluster[2,1,1024]",
            "-Dspark.driver.host=127.0.0.1",
            "-Dspark.driver.bindAddress=127.0.0.1",
            "-Dspark.ui.enabled=false",
            "-Dspark.executor.extraJavaOptions=-XX:TieredStopAtLevel=1",
            "-Dspark.executor.extraClassPath=" + classPath,
            "-D" + ChildCommand.CLASS_PATH + "=" + classPath,
            "-cp",
            classPath,
            "io.cria.cli.Main",
            "train",
            run.run().toString(),
            "--name",
            "tuned",
            "--sft-conf",
            run.runFile().toString(),
            "--set",
            "cluster.heap=256m",
            "--set",
            "cluster.memory=800m"));
    command.addAll(List.of(more));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.directory(home.toFile());
    builder.environment().put("SPARK_HOME", home.toString());
    builder.environment().put("SPARK_SCALA_VERSION", "2.13");
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    return builder.start();
  }

  private Path oneProcess(ShardedRun run) {
    Path output = folder.resolve("one");
    Trainer.Outcome outcome =
        FineTuning.run(
            new FineTuning.Job(
                run.file(Map.of("training.maxSteps", "12")),
                run.model(),
                output,
                null,
                run.run().resolve("shards"),
                false),
            new Trainer.Environment(System::nanoTime, () -> false, line -> {}));
    assertThat(FineTuning.exitCode(outcome)).isEqualTo(ExitCode.DONE);
    return output;
  }

  private static Map<Integer, Double> losses(Path metrics) throws IOException {
    Map<Integer, Double> losses = new TreeMap<>();
    for (String line : Files.readAllLines(metrics)) {
      JsonNode node = JSON.readTree(line);
      if (node.path("loss").isNumber()) {
        losses.put(node.path("step").asInt(), node.path("loss").asDouble());
      }
    }
    return losses;
  }
}
