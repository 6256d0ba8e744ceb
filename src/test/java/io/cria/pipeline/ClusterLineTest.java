package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.llm.LedgerRecord;
import io.cria.llm.fake.ScriptedServer;
import io.cria.testing.FaultCase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The paid path of both recipes with executors in processes of their own: the same bytes as in one
 * process, whatever serializer the cluster is set to and although all executors are lost while they
 * pay.
 */
@Tag("cluster")
class ClusterLineTest {
  private static final int IN_FLIGHT = 3;
  private static final int EXECUTORS = 2;

  /** More calls than can be on their way at once: some answer is in the ledger by then. */
  private static final int ENOUGH_TO_HAVE_WRITTEN = EXECUTORS * IN_FLIGHT + 2;

  /** Job, slice and attempt in a segment's name. */
  private static final Pattern SEGMENT =
      Pattern.compile("segment-p\\d+-([0-9a-f]+)-(\\d+)-([0-9a-f]+)-.*");

  @TempDir Path folder;

  private static LineRun line(Path directory, String recipe, ScriptedServer server) {
    return LineRun.of(directory, recipe, server.baseUrl())
        .with("target", recipe.equals("alpaca") ? "60" : "30")
        .with("rounds.size", "16")
        .with("limits.inFlight", String.valueOf(IN_FLIGHT));
  }

  @Test
  @FaultCase({20, 24})
  void selfInstructWithKryoAskedForAndExecutorsLostWhileTheyPay() throws Exception {
    assertSameBytes(
        "self-instruct",
        Map.of("spark.serializer", "org.apache.spark.serializer.KryoSerializer"),
        "instances");
  }

  @Test
  @FaultCase({20, 24})
  void alpacaWithAUsersOwnPluginsAndExecutorsLostWhileTheyPay() throws Exception {
    assertSameBytes("alpaca", Map.of("spark.plugins", NoPlugin.class.getName()), "generate");
  }

  /** A plugin of the user's: it must stay, and Cria's beside it. */
  public static final class NoPlugin implements org.apache.spark.api.plugin.SparkPlugin {
    @Override
    public org.apache.spark.api.plugin.DriverPlugin driverPlugin() {
      return new org.apache.spark.api.plugin.DriverPlugin() {};
    }

    @Override
    public org.apache.spark.api.plugin.ExecutorPlugin executorPlugin() {
      return new org.apache.spark.api.plugin.ExecutorPlugin() {};
    }
  }

  private void assertSameBytes(String recipe, Map<String, String> conf, String killedIn)
      throws Exception {
    LineRun reference = reference(recipe);
    WatchedModel model = new WatchedModel();
    try (ScriptedServer server = ScriptedServer.start(model)) {
      LineRun run = line(folder.resolve("cluster"), recipe, server);
      Path home = folder.resolve("home");
      Files.createDirectories(home.resolve("jars"));
      Driver driver = Driver.onCluster(run, recipe, home, conf, folder.resolve("log"));
      model.at(
          killedIn,
          ENOUGH_TO_HAVE_WRITTEN,
          () -> driver.executors().forEach(ProcessHandle::destroyForcibly));
      assertThat(driver.exitCode()).as(driver::output).isZero();
      assertThat(model.acted()).as("the executors were killed").isTrue();
      assertThat(run.text("dataset/README.md")).isEqualTo(reference.text("dataset/README.md"));
      assertThat(withoutManifest(run.dataset())).isEqualTo(withoutManifest(reference.dataset()));
      int twice = model.bought().values().stream().mapToInt(times -> times - 1).sum();
      assertThat(twice).as("bought twice").isLessThanOrEqualTo(EXECUTORS * IN_FLIGHT);
      Map<String, Set<String>> attempts = writers(run, killedIn);
      assertThat(attempts).as("slices, each asked by an executor of its own").hasSize(EXECUTORS);
      assertThat(attempts.values()).as("a lost slice was gone on with").anyMatch(w -> w.size() > 1);
      assertThat(run.ledger()).extracting(LedgerRecord::host).doesNotContainNull();
      assertThat(
              run.ledger().stream()
                  .filter(record -> record.outcome().isTerminal())
                  .collect(Collectors.groupingBy(LedgerRecord::requestKey, Collectors.counting()))
                  .values())
          .as("one terminal record a request")
          .containsOnly(1L);
    }
  }

  /** Which attempts wrote segments, by job and slice; of the job that had most attempts. */
  private static Map<String, Set<String>> writers(LineRun run, String stage) {
    Map<String, Map<String, Set<String>>> jobs = new TreeMap<>();
    for (Path segment : LineRun.files(run.directory().resolve("ledger/stage=" + stage))) {
      Matcher name = SEGMENT.matcher(String.valueOf(segment.getFileName()));
      assertThat(name.matches()).as("%s", segment).isTrue();
      jobs.computeIfAbsent(name.group(1), job -> new TreeMap<>())
          .computeIfAbsent(name.group(2), slice -> new TreeSet<>())
          .add(name.group(3));
    }
    return jobs.values().stream()
        .max(Comparator.comparing(slices -> slices.values().stream().mapToInt(Set::size).sum()))
        .orElseThrow();
  }

  private LineRun reference(String recipe) throws IOException {
    try (ScriptedServer server = ScriptedServer.start(new WatchedModel())) {
      LineRun run = line(folder.resolve("reference"), recipe, server);
      assertThat(run.go()).isTrue();
      return run;
    }
  }

  /** The manifest goes back to answer ids, which count attempts. */
  private static SortedMap<String, String> withoutManifest(SortedMap<String, String> dataset) {
    SortedMap<String, String> files = new TreeMap<>(dataset);
    assertThat(files.remove("_manifest.json")).isNotNull();
    return files;
  }
}
