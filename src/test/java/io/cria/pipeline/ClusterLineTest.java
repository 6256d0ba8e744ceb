package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.llm.LedgerRecord;
import io.cria.llm.fake.ScriptedServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The paid path of both recipes with executors in processes of their own: the same bytes as in one
 * process, whatever serializer the cluster is set to and although an executor is lost while it
 * pays.
 */
@Tag("cluster")
class ClusterLineTest {
  private static final int IN_FLIGHT = 3;

  @TempDir Path folder;

  private static LineRun line(Path directory, String recipe, ScriptedServer server) {
    return LineRun.of(directory, recipe, server.baseUrl())
        .with("target", recipe.equals("alpaca") ? "60" : "30")
        .with("rounds.size", "6")
        .with("limits.inFlight", String.valueOf(IN_FLIGHT));
  }

  @Test
  void selfInstructWithKryoAskedForAndAnExecutorLostWhileItPays() throws Exception {
    assertSameBytes(
        "self-instruct",
        Map.of("spark.serializer", "org.apache.spark.serializer.KryoSerializer"),
        "instances");
  }

  @Test
  void alpacaWithAUsersOwnPluginsAndAnExecutorLostWhileItPays() throws Exception {
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
      model.at(killedIn, 5, () -> driver.executors().get(0).destroyForcibly());
      assertThat(driver.exitCode()).as(driver::output).isZero();
      assertThat(model.acted()).as("an executor was killed").isTrue();
      assertThat(run.text("dataset/README.md")).isEqualTo(reference.text("dataset/README.md"));
      assertThat(withoutManifest(run.dataset())).isEqualTo(withoutManifest(reference.dataset()));
      int twice = model.bought().values().stream().mapToInt(times -> times - 1).sum();
      assertThat(twice).as("bought twice").isLessThanOrEqualTo(IN_FLIGHT);
      assertThat(run.ledger().stream().map(LedgerRecord::host).distinct()).hasSize(1);
      assertThat(
              run.ledger().stream()
                  .filter(record -> record.outcome().isTerminal())
                  .collect(Collectors.groupingBy(LedgerRecord::requestKey, Collectors.counting()))
                  .values())
          .as("one terminal record a request")
          .containsOnly(1L);
    }
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
