package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.llm.fake.Reply;
import io.cria.llm.fake.ScriptedServer;
import io.cria.testing.DirectoryContents;
import io.cria.testing.ExampleRun;
import io.cria.testing.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A judge asked by executors in processes of their own, all of which are lost while they pay: the
 * same verdicts as in one process, and nothing but what was on its way is bought twice.
 */
@Tag("cluster")
class ClusterJudgingTest {
  private static final int EXAMPLES = 90;
  private static final int SAMPLE = 60;
  private static final int IN_FLIGHT = 3;
  private static final int EXECUTORS = 2;

  /** More calls than can be on their way at once. */
  private static final int KILLED_AT = EXECUTORS * IN_FLIGHT + 2;

  @TempDir Path folder;
  private final ConcurrentMap<String, Integer> bought = new ConcurrentHashMap<>();
  private final AtomicInteger calls = new AtomicInteger();
  private final AtomicInteger killed = new AtomicInteger();
  private volatile Runnable atKill = () -> {};

  @Test
  void verdictsDoNotDependOnWhereTheJudgeIsAskedAndWhatIsLost() throws Exception {
    Map<String, String> here = reviewed("local", Map.of("spark.master", "local[2]"), false);
    bought.clear();
    calls.set(0);
    Map<String, String> there = Driver.clusterConf(home());
    Map<String, String> judged = reviewed("cluster", there, true);
    assertThat(judged).isEqualTo(here);
    assertThat(killed).as("executors killed").hasValue(EXECUTORS);
    int twice = bought.values().stream().mapToInt(times -> times - 1).sum();
    assertThat(bought).hasSizeGreaterThanOrEqualTo(SAMPLE);
    assertThat(twice).as("bought twice").isLessThanOrEqualTo(EXECUTORS * IN_FLIGHT);
  }

  private Path home() throws IOException {
    Files.createDirectories(folder.resolve("home/jars"));
    return folder.resolve("home");
  }

  /** The published verdicts and the sample, by file. */
  private Map<String, String> reviewed(String name, Map<String, String> conf, boolean losing)
      throws Exception {
    Path run = folder.resolve(name);
    ExampleRun.write(LocalSpark.session(), run, EXAMPLES, 3);
    try (ScriptedServer server =
        ScriptedServer.start(
            call -> {
              bought.merge(call.promptText(), 1, Integer::sum);
              if (losing && calls.incrementAndGet() == KILLED_AT) {
                atKill.run();
              }
              return Reply.text(call, verdict(call.promptText())).withDelay(Duration.ofMillis(20));
            })) {
      Driver driver =
          Driver.of(arguments(run, server), conf, Map.of(), folder.resolve(name + ".log"));
      atKill =
          () -> {
            List<ProcessHandle> executors = driver.executors();
            executors.forEach(ProcessHandle::destroyForcibly);
            killed.set(executors.size());
          };
      assertThat(driver.exitCode()).as(driver::output).isZero();
    }
    Map<String, String> found =
        DirectoryContents.of(run.resolve("verdicts/kind=review/name=first"));
    assertThat(found).hasSize(1);
    found.put("sample", Files.readString(run.resolve("review/first/sample.jsonl")));
    return found;
  }

  /** Says yes or no by the question's own text, and once in eight nothing of use at first. */
  private static String verdict(String question) {
    int hash = question.hashCode();
    if (Math.floorMod(hash, 8) == 0 && !question.contains("An earlier answer")) {
      return "I cannot say.";
    }
    String said = hash % 3 == 0 ? "no" : "yes";
    return "By a rule.\nValid task: yes\nFitting input: yes\nAcceptable output: " + said;
  }

  private static List<String> arguments(Path run, ScriptedServer server) {
    Path judge = LineRun.home().toAbsolutePath().resolve("conf/judge.yaml");
    List<String> arguments = new ArrayList<>(List.of("review", run.toString(), "--name", "first"));
    arguments.addAll(List.of("--sample", String.valueOf(SAMPLE), "--judge", judge.toString()));
    arguments.addAll(List.of("--base-url", server.baseUrl(), "--set", "endpoint.keyEnv=none"));
    arguments.addAll(List.of("--set", "limits.inFlight=" + IN_FLIGHT, "--yes"));
    return arguments;
  }
}
