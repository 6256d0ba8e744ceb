package io.cria.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cria.llm.fake.Reply;
import io.cria.llm.fake.ScriptedServer;
import io.cria.llm.fake.ScriptedServer.Call;
import io.cria.testing.FaultCase;
import io.cria.testing.LocalSpark;
import io.cria.testing.ScriptedModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Keys that are looked for in all that a run leaves, although the server repeats them wherever it
 * can: in refusals, in answers and in headers.
 */
@Tag("cluster")
class CanaryKeyTest {
  private static final String IN_ENVIRONMENT = "cnry-7Qe+env/41c0b2d9f6==";
  private static final String IN_FILE = "cnry-7Qe+file/8a35e07c12==";
  private static final String OF_GATEWAY = "cnry-7Qe+gate/c96f0e8d37==";
  private static final String GATEWAY_VARIABLE = "CRIA_TEST_GATEWAY";
  private static final String REDACTED = "[redacted]";
  private static final int REFUSED_CALL = 25;

  private static final SecretSearch SEARCH =
      new SecretSearch(List.of(IN_ENVIRONMENT, IN_FILE, OF_GATEWAY));

  @TempDir Path folder;

  private final AtomicReference<Driver> running = new AtomicReference<>();
  private final Map<Long, String> arguments = new TreeMap<>();

  /** Repeats what it was sent. Refuses a request of eight, one of eight at first, and one key. */
  private Reply echo(Call call) {
    recordArguments();
    String key = call.headers().getOrDefault("authorization", "none");
    String sent = key + " and " + call.headers().getOrDefault("x-gateway-token", "none");
    if (call.number() == REFUSED_CALL) {
      return withHeaders(Reply.error(401, "x", "invalid_api_key", "not you, " + sent), sent);
    }
    int fate = Math.floorMod(call.text().hashCode(), 8);
    if (fate == 0) {
      return withHeaders(Reply.error(400, "x", "content_filter", "filtered for " + sent), sent);
    }
    if (fate == 1 && call.timesSeen() == 1) {
      return withHeaders(Reply.error(500, sent, sent, "broken for " + sent), sent);
    }
    ObjectNode answer = (ObjectNode) LineRun.tree(ScriptedModel.reliable().reply(call).body());
    ObjectNode message = (ObjectNode) answer.path("choices").path(0).path("message");
    String text = message.path("content").asText();
    message.put(
        "content", text.replaceAll("\\b(Compare|Give|Plan|Praise|Explain) ", "$1 " + sent + " "));
    answer.put("id", "for " + sent);
    answer.put("model", "m for " + sent);
    answer.put("in-json", sent);
    String basic = "someone:" + sent;
    answer.put("in-base64", Base64.getEncoder().encodeToString(basic.getBytes(UTF_8)));
    answer.put("in-address", URLEncoder.encode(sent, UTF_8));
    if (fate == 2) {
      ((ObjectNode) answer.path("choices").path(0)).put("finish_reason", "said to " + sent);
    }
    String body = answer.toString();
    int at = body.indexOf("\"in-json\"");
    String escaped = body.substring(at).replace("+", "\\u002B").replace("/", "\\/");
    return withHeaders(Reply.of(200, body.substring(0, at) + escaped), sent);
  }

  private static Reply withHeaders(Reply reply, String sent) {
    return reply.withHeader("x-request-id", "for " + sent).withHeader("x-echo", sent);
  }

  /** The arguments of driver and executors, read while these run. */
  private synchronized void recordArguments() {
    Driver driver = running.get();
    if (driver == null) {
      return;
    }
    for (ProcessHandle process : driver.processes()) {
      argumentsOf(process).ifPresent(line -> arguments.put(process.pid(), line));
    }
  }

  /** Empty once it has ended. */
  private static Optional<String> argumentsOf(ProcessHandle process) {
    Path file = Path.of("/proc/" + process.pid() + "/cmdline");
    try {
      return Optional.of(Files.readString(file, StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  @Test
  @FaultCase(29)
  void noKeyIsLeftInWhatARunWritesSaysOrIsStartedWith() throws Exception {
    Path secrets = Files.createDirectories(folder.resolve("secrets"));
    Path keyFile = Files.writeString(secrets.resolve("key"), IN_FILE + "\n");
    Path gatewayFile = Files.writeString(secrets.resolve("gateway"), OF_GATEWAY + "\n");
    Path all = Files.createDirectories(folder.resolve("all"));
    try (ScriptedServer server = ScriptedServer.start(this::echo)) {
      LineRun first =
          line(all, server)
              .with("endpoint.headers", "{X-Gateway-Token: \"file:" + gatewayFile + "\"}");
      assertThat(drive(first, true, all)).as("a refused key").isEqualTo(5);
      assertThat(said(all, "first"))
          .contains("answered 401: not you, " + REDACTED)
          .containsPattern("now: environment variable " + LineRun.KEY_VARIABLE + " on \\S+\\)");
      assertThat(arguments.values()).anyMatch(line -> line.contains("io.cria.cli.Main"));
      assertThat(arguments.values())
          .filteredOn(line -> line.contains("CoarseGrainedExecutorBackend"))
          .as("executors seen")
          .hasSize(2);

      LineRun second =
          line(all, server)
              .with("endpoint.keyFile", "\"" + keyFile + "\"")
              .with("endpoint.headers", "{X-Gateway-Token: \"env:" + GATEWAY_VARIABLE + "\"}");
      assertThat(drive(second, false, all)).as(() -> said(all, "second")).isZero();

      arguments.forEach((pid, line) -> write(all.resolve("arguments-" + pid), line));
      assertThat(SEARCH.hits(all)).isEmpty();
      sentAndEchoed(server, second);
      assertThat(names(all))
          .as("what is searched")
          .anyMatch(name -> name.startsWith("events/"))
          .anyMatch(name -> name.startsWith("metrics/"))
          .anyMatch(name -> name.startsWith("home/work/") && name.endsWith("stderr"))
          .anyMatch(name -> name.startsWith("run/ledger/"))
          .anyMatch(name -> name.startsWith("run/examples/") && name.endsWith(".parquet"))
          .anyMatch(name -> name.startsWith("arguments-"));
      assertThat(server.calls())
          .as("nor does it come back in a later prompt")
          .noneMatch(call -> SEARCH.isIn(call.text()) || SEARCH.isIn(call.path()));
      plantedKeysAreFound(all, second);
    }
  }

  private static LineRun line(Path all, ScriptedServer server) {
    return LineRun.of(all.resolve("run"), "self-instruct", server.baseUrl())
        .with("target", "12")
        .with("rounds.size", "8")
        .with("limits.inFlight", "3");
  }

  /** One invocation with event log, metrics and the libraries' log; its exit code. */
  private int drive(LineRun run, boolean onCluster, Path all) throws Exception {
    Path home = all.resolve("home");
    Files.createDirectories(home.resolve("jars"));
    Map<String, String> conf = Driver.clusterConf(home);
    if (!onCluster) {
      conf.put("spark.master", "local[2]");
    }
    conf.put("spark.eventLog.enabled", "true");
    conf.put(
        "spark.eventLog.dir", Files.createDirectories(all.resolve("events")).toUri().toString());
    conf.put("spark.eventLog.compress", "false");
    String sink = "spark.metrics.conf.*.sink.csv.";
    conf.put(sink + "class", "org.apache.spark.metrics.sink.CsvSink");
    conf.put(sink + "directory", Files.createDirectories(all.resolve("metrics")).toString());
    conf.put(sink + "period", "1");
    Map<String, String> environment =
        Map.of(LineRun.KEY_VARIABLE, IN_ENVIRONMENT, GATEWAY_VARIABLE, OF_GATEWAY);
    Path log = all.resolve((onCluster ? "first" : "second") + ".log");
    Driver driver = Driver.start(run, "self-instruct", conf, environment, List.of("-v"), log);
    running.set(driver);
    try {
      return driver.exitCode();
    } finally {
      running.set(null);
    }
  }

  private static String said(Path all, String which) {
    try {
      return Files.readString(all.resolve(which + ".log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All keys were sent, and what the server said of them went all the way. */
  private static void sentAndEchoed(ScriptedServer server, LineRun run) {
    assertThat(server.calls())
        .allMatch(call -> OF_GATEWAY.equals(call.headers().get("x-gateway-token")))
        .extracting(call -> call.headers().get("authorization"))
        .contains("Bearer " + IN_ENVIRONMENT, "Bearer " + IN_FILE)
        .doesNotContain("Bearer " + Driver.KEY);
    assertThat(run.rows("examples")).anyMatch(row -> row.contains(REDACTED));
    assertThat(run.ledger())
        .anyMatch(r -> String.valueOf(r.providerRequestId()).contains(REDACTED));
    assertThat(run.ledger()).anyMatch(r -> String.valueOf(r.error()).contains(REDACTED));
    assertThat(run.ledger()).anyMatch(r -> String.valueOf(r.text()).contains(REDACTED));
  }

  /** The same search finds a key that is put in a copy of a file of each kind, in each form. */
  private void plantedKeysAreFound(Path all, LineRun run) throws IOException {
    Path planted = Files.createDirectories(folder.resolve("planted"));
    List<Path> kinds = new ArrayList<>();
    for (String kind :
        List.of("events/", "metrics/", "home/work/", "run/ledger/", "arguments-", "second.log")) {
      kinds.add(
          LineRun.files(all).stream()
              .filter(file -> all.relativize(file).toString().startsWith(kind))
              .max(java.util.Comparator.comparing(file -> file.toFile().length()))
              .orElseThrow());
    }
    int number = 0;
    for (String form : SecretSearch.forms(IN_FILE)) {
      for (Path kind : kinds) {
        String content = Files.readString(kind, StandardCharsets.ISO_8859_1);
        int middle = content.length() / 2;
        write(
            planted.resolve("copy-" + number++),
            content.substring(0, middle) + form + content.substring(middle));
      }
    }
    assertThat(SEARCH.hits(planted)).hasSize(number);

    Path table = folder.resolve("planted-table");
    Dataset<Row> examples =
        LocalSpark.session().read().parquet(run.directory().resolve("examples").toString());
    examples
        .withColumn(
            "instruction",
            functions.replace(
                examples.col("instruction"), functions.lit(REDACTED), functions.lit(IN_FILE)))
        .coalesce(1)
        .write()
        .parquet(table.toString());
    assertThat(SEARCH.hits(table)).singleElement().asString().endsWith(".parquet");
  }

  private static List<String> names(Path all) {
    return LineRun.files(all).stream()
        .map(file -> all.relativize(file).toString())
        .collect(Collectors.toList());
  }

  private static void write(Path file, String content) {
    try {
      Files.writeString(file, content, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
