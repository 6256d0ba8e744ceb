package io.cria.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.llm.fake.ScriptedServer;
import io.cria.testing.DirectoryContents;
import io.cria.testing.LocalSpark;
import io.cria.testing.ScriptedModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The scripts in jobs/. They run as they are, with a launcher in place of scripts/cria that writes
 * down what it is called with; then exactly that is called in this process, which has a Spark
 * session already.
 */
class JobsTest {
  private static final Path HOME =
      Path.of(System.getProperty("cria.home", ".")).toAbsolutePath().normalize();
  private static final List<String> JOBS =
      List.of("10-generate.sh", "20-classify.sh", "30-instances.sh", "40-dataset.sh");

  @TempDir static Path folder;

  private static Path launcher;

  @BeforeAll
  static void makeTheLauncher() throws IOException {
    LocalSpark.session();
    launcher = folder.resolve("launcher");
    Files.writeString(
        launcher, "#!/bin/sh\nprintf '%s\\n' \"$@\"\nexit ${CRIA_TEST_EXIT_CODE:-0}\n");
    Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void theFourJobsInOrderMakeTheDatasetThatRunMakes() throws Exception {
    Path whole = folder.resolve("whole");
    Path steps = folder.resolve("steps");
    Path conf = HOME.resolve("conf/self-instruct.yaml");
    try (ScriptedServer server = ScriptedServer.start(ScriptedModel.reliable())) {
      List<String> options =
          List.of(
              "--base-url",
              server.baseUrl(),
              "--target",
              "12",
              "--set",
              "rounds.size=3",
              "--set",
              "endpoint.keyEnv=CRIA_TEST_NO_SUCH_VARIABLE");
      Called run = Called.with(words(List.of("run", conf, "--run", whole), options));
      assertThat(run.code()).as(run.err()).isZero();
      int callsOfRun = server.calls().size();
      assertThat(run.err()).contains("cria: report: " + whole.resolve("report.html"));
      assertThat(whole.resolve("report.html")).isNotEmptyFile();

      for (String job : JOBS) {
        boolean first = job.equals(JOBS.get(0));
        Ended script =
            first
                ? start(job, Map.of(), words(List.of(steps, conf), options))
                : start(job, Map.of("RUN", steps.toString()));
        Called stage = Called.with(script.lines().toArray());
        assertThat(stage.code()).as("%s: %s", job, stage.err()).isZero();
      }

      SortedMap<String, String> expected = DirectoryContents.of(whole.resolve("dataset"));
      assertThat(expected)
          .containsKeys("alpaca.json", "chat.jsonl", "parquet/part-00000.parquet", "README.md");
      assertThat(Files.readAllLines(whole.resolve("dataset/alpaca.jsonl")))
          .hasSizeGreaterThanOrEqualTo(12);
      assertThat(DirectoryContents.of(steps.resolve("dataset"))).isEqualTo(expected);
      assertThat(server.calls()).as("each asked the same").hasSize(2 * callsOfRun);
    }
  }

  @Test
  void aJobTakesRunAndConfFromArgumentsOrEnvironment() throws Exception {
    List<String> called = List.of("stage", "classify", "--run", "a run", "--conf", "c.yaml");
    assertThat(start("20-classify.sh", Map.of(), "a run", "c.yaml").lines()).isEqualTo(called);
    assertThat(start("20-classify.sh", Map.of("RUN", "a run", "CONF", "c.yaml")).lines())
        .isEqualTo(called);
    assertThat(start("40-dataset.sh", Map.of("RUN", "r"), "--set", "includeSeeds=true").lines())
        .isEqualTo(List.of("stage", "dataset", "--run", "r", "--set", "includeSeeds=true"));
  }

  @Test
  void theJobOfModerationStandsBesideTheFour() throws Exception {
    assertThat(start("35-moderate.sh", Map.of("RUN", "r")).lines())
        .isEqualTo(List.of("stage", "moderate", "--run", "r"));
  }

  @Test
  void theJobOfTheShardsTakesTheFineTuningsRunFile() throws Exception {
    List<String> called = List.of("stage", "shards", "--run", "r", "--sft-conf", "s.yaml");
    assertThat(start("50-shards.sh", Map.of("RUN", "r", "SFT_CONF", "s.yaml")).lines())
        .isEqualTo(called);
    assertThat(start("50-shards.sh", Map.of(), "r", "--sft-conf", "s.yaml").lines())
        .isEqualTo(called);
  }

  @Test
  void theJobOfTheTrainingTakesItsNameToo() throws Exception {
    List<String> called = List.of("train", "r", "--name", "n", "--sft-conf", "s.yaml");
    assertThat(start("60-train.sh", Map.of("RUN", "r", "NAME", "n", "SFT_CONF", "s.yaml")).lines())
        .isEqualTo(called);
    assertThat(start("60-train.sh", Map.of(), "r", "n", "--sft-conf", "s.yaml").lines())
        .isEqualTo(called);
    assertThat(start("60-train.sh", Map.of("NAME", "m", "RUN", "x"), "r", "n", "--ranks", "2"))
        .isEqualTo(new Ended(0, List.of("train", "r", "--name", "n", "--ranks", "2")));
    assertThat(start("60-train.sh", Map.of("RUN", "r")))
        .satisfies(
            ended -> {
              assertThat(ended.code()).isEqualTo(2);
              assertThat(ended.lines())
                  .singleElement()
                  .asString()
                  .startsWith("cria: no name, NAME");
            });
  }

  @Test
  void aJobPassesTheExitCodeOn() throws Exception {
    Map<String, String> capped = Map.of("RUN", "r", "CRIA_TEST_EXIT_CODE", "4");
    for (String job : JOBS) {
      assertThat(start(job, capped).code()).as(job).isEqualTo(4);
    }
  }

  @Test
  void aJobWithoutARunIsBadUsageInOneLine() throws Exception {
    Ended ended = start("30-instances.sh", Map.of());
    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.lines()).hasSize(1);
    assertThat(ended.lines().get(0)).startsWith("cria: no run directory, RUN: usage: ");
  }

  /**
   * A script that has ended.
   *
   * @param lines standard output and error
   */
  private record Ended(int code, List<String> lines) {}

  private static Ended start(String job, Map<String, String> environment, Object... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(HOME.resolve("jobs").resolve(job).toString());
    Stream.of(arguments).map(String::valueOf).forEach(command::add);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeAll(List.of("RUN", "CONF", "NAME", "SFT_CONF"));
    builder.environment().put("CRIA_LAUNCHER", launcher.toString());
    builder.environment().putAll(environment);
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    return new Ended(process.exitValue(), said.lines().toList());
  }

  private static Object[] words(List<?> first, List<?> then) {
    return Stream.concat(first.stream(), then.stream()).toArray();
  }
}
