package io.cria.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.sft.train.SftConfig;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.tools.ToolProvider;
import org.apache.spark.launcher.JavaModuleOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command in a process of its own, in local mode, and a signal to it. */
class TrainingSignalTest {
  private static final long SECONDS = 120;

  @TempDir Path folder;

  @Test
  void aSignalToADriverInLocalModeSavesACheckpoint() throws IOException, InterruptedException {
    ShardedRun run = ShardedRun.create(folder);
    Path log = folder.resolve("log");
    Process driver = start(run, log);
    try {
      Path published = run.training("tuned").resolve("_manifests/checkpoints");
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
      while (!Files.exists(published) && driver.isAlive() && System.nanoTime() < end) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      }
      assertThat(published).as(Files.readString(log)).exists();
      driver.destroy();
      assertThat(driver.waitFor(SECONDS, TimeUnit.SECONDS)).as("it ended").isTrue();
    } finally {
      driver.destroyForcibly();
    }
    assertThat(driver.exitValue()).as(Files.readString(log)).isEqualTo(3);
    assertThat(run.starts()).as("no rank was started again").hasSize(1);
    List<String> metrics = run.text("tuned", "metrics.jsonl").lines().toList();
    assertThat(Files.readString(log))
        .as("the rank came to its end by itself")
        .contains("stopped tuned after " + metrics.size() + " steps");
    assertThat(TrainingTest.names(run.training("tuned").resolve("_manifests/checkpoints")))
        .as("the last step is in the last checkpoint")
        .endsWith(SftConfig.checkpointName(metrics.size()) + ".json");
    assertThat(run.text("tuned", "status.json"))
        .contains("\"state\" : \"stopped\"", "\"exit_code\" : 3");
  }

  private Process start(ShardedRun run, Path log) throws IOException {
    String classPath = System.getProperty("java.class.path");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptions().split(" ")));
    command.addAll(
        List.of(
            "-Xmx512m",
            "-XX:TieredStopAtLevel=1",
            "-Dspark.master=local[1]",
            "-Dspark.driver.host=127.0.0.1",
            "-Dspark.driver.bindAddress=127.0.0.1",
            "-Dspark.ui.enabled=false",
            "-cp",
            classPath,
            "io.cria.cli.Main",
            "train",
            run.run().toString(),
            "--name",
            "tuned",
            "--sft-conf",
            run.runFile().toString(),
            "--base",
            run.model().toString()));
    settings(classPath).forEach(setting -> command.addAll(List.of("--set", setting)));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.directory(folder.toFile());
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    return builder.start();
  }

  private List<String> settings(String classPath) throws IOException {
    return List.of(
        "cluster.classPath=" + fakes() + File.pathSeparator + classPath,
        "cluster.heap=256m",
        "cluster.memory=400m",
        "cluster.environment." + FakeRank.STARTS + "=" + folder.resolve("starts"),
        "cluster.environment." + FakeRank.STEPS + "=100000",
        "cluster.environment." + FakeRank.STEP_MILLIS + "=50");
  }

  /** Classes of which one plays a rank under the name of the engine's. */
  private Path fakes() throws IOException {
    Path classes = Files.createDirectories(folder.resolve("fakes"));
    Path source =
        Files.writeString(
            folder.resolve("RankMain.java"),
            "package io.cria.sft.ranks; public class RankMain { public static void main(String[] a)"
                + " throws Exception { "
                + FakeRank.class.getName()
                + ".main(a); } }");
    int code =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-proc:none",
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                classes.toString(),
                source.toString());
    assertThat(code).as("the compiler's code").isZero();
    return classes;
  }
}
