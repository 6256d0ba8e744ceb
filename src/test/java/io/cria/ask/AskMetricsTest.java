package io.cria.ask;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.MetricRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Spark's own readers of metrics find of asking. */
class AskMetricsTest {
  private static final String DRIVER = "metrics_cria_driver_plugin_io_cria_ask_AskPlugin_";

  @TempDir Path folder;

  @Test
  void sparksPrometheusServletHasThemAsTheManualSaysTo() throws Exception {
    Path manual = home().resolve("docs/metrics.md");
    List<String> properties = new ArrayList<>(sparkLines(manual));
    assertThat(properties).isNotEmpty();
    properties.add("spark.master=local[1]");
    properties.add("spark.ui.port=0");
    properties.add("spark.driver.bindAddress=127.0.0.1");
    properties.add("spark.driver.host=127.0.0.1");
    assertThat(probe(properties, "/metrics/prometheus/").lines())
        .contains(
            DRIVER + "asking_requestsPerSecond_Value{type=\"gauges\"} 48.25",
            DRIVER + "asking_tokensPerSecond_Value{type=\"gauges\"} 12345.5",
            DRIVER + "asking_refusedShare_Value{type=\"gauges\"} 0.03",
            DRIVER + "asking_inFlight_Value{type=\"gauges\"} 60",
            DRIVER + "asking_window_Value{type=\"gauges\"} 64",
            DRIVER + "asking_allowedPerSecond_Value{type=\"gauges\"} NaN",
            DRIVER + "asking_waiting_Value{type=\"gauges\"} 1",
            DRIVER + "asking_spent_requests_Value{type=\"gauges\"} 1234",
            DRIVER + "asking_spent_tokens_Value{type=\"gauges\"} 2000000",
            DRIVER + "asking_spent_usd_Value{type=\"gauges\"} 1.25",
            DRIVER + "asking_reserved_requests_Value{type=\"gauges\"} 60",
            DRIVER + "asking_reserved_tokens_Value{type=\"gauges\"} 90000",
            DRIVER + "asking_reserved_usd_Value{type=\"gauges\"} 0.4",
            DRIVER + "asking_cap_requests_Value{type=\"gauges\"} NaN",
            DRIVER + "asking_cap_tokens_Value{type=\"gauges\"} 5000000.0",
            DRIVER + "asking_cap_usd_Value{type=\"gauges\"} 5.0",
            DRIVER + "asked_sent_Count{type=\"counters\"} 8",
            DRIVER + "asked_ended_Count{type=\"counters\"} 6",
            DRIVER + "asked_refused_Count{type=\"counters\"} 2",
            DRIVER + "asked_tokens_Count{type=\"counters\"} 1000",
            DRIVER + "asked_usd_Value{type=\"gauges\"} 0.75");
  }

  @Test
  void theManualNamesEveryOne() throws IOException {
    MetricRegistry registry = new MetricRegistry();
    AskMetrics.DRIVER.register(registry);
    AskMetrics.EXECUTOR.register(registry);
    TreeSet<String> told = new TreeSet<>();
    Pattern.compile("`(ask(?:ing|ed)\\.[A-Za-z.]+)`")
        .matcher(Files.readString(home().resolve("docs/metrics.md")))
        .results()
        .forEach(found -> told.add(found.group(1)));
    assertThat(told).isEqualTo(registry.getNames());
  }

  private static Path home() {
    return Path.of(System.getProperty("cria.home", "."));
  }

  /** The properties of Spark that a manual's indented or fenced lines set. */
  private static List<String> sparkLines(Path manual) throws IOException {
    try (Stream<String> lines = Files.lines(manual)) {
      return lines
          .map(line -> line.strip().split("\\s+"))
          .filter(words -> words.length == 2 && words[0].startsWith("spark."))
          .map(words -> words[0] + "=" + words[1])
          .toList();
    }
  }

  private String probe(List<String> properties, String... paths) throws Exception {
    Path home = home().toAbsolutePath();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + home.resolve("conf/java-options"));
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xmx512m"));
    properties.forEach(property -> command.add("-D" + property));
    command.add("-Dlog4j2.configurationFile=" + home.resolve("conf/log4j2.properties"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(MetricsProbe.class.getName());
    command.addAll(List.of(paths));
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    if (!process.waitFor(2, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new AssertionError("the session does not end: " + Files.readString(err));
    }
    assertThat(process.exitValue()).as(Files.readString(err)).isZero();
    return Files.readString(out, StandardCharsets.UTF_8);
  }
}
