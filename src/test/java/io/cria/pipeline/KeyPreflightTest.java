package io.cria.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.llm.fake.ScriptedServer;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.testing.ScriptedModel;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys are looked for on every host that asks before anything is sent. */
class KeyPreflightTest {
  /** Where an executor finds a file of its own, although all share one machine. */
  private static final String OWN_FILE = "/proc/self/cwd/key-of-one";

  private static final String KEY = "canary-4be19f70c2";

  @TempDir Path folder;

  /** This machine under an address that could be any other's. */
  private static String remote(ScriptedServer server) {
    return server.baseUrl().replace("127.0.0.1", "0.0.0.0");
  }

  private LineRun line(String name, String url) {
    return LineRun.of(folder.resolve(name), "alpaca", url)
        .with("target", "12")
        .with("rounds.size", "2");
  }

  private static void refused(LineRun run, ThrowingCallable work, String... words) {
    assertThatThrownBy(work)
        .isInstanceOfSatisfying(
            CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.ENDPOINT))
        .hasMessageContainingAll(words)
        .hasMessageEndingWith("; nothing was sent");
    assertThat(run.status().state()).isEqualTo("failed");
    assertThat(run.status().exitCode()).isEqualTo(5);
    assertThat(run.status().reason()).contains(words);
    assertThat(run.ledger()).isEmpty();
  }

  @Test
  void whatThisMachineLacksIsToldBeforeAnythingIsSent() throws IOException {
    String host = InetAddress.getLocalHost().getHostName();
    try (ScriptedServer server = ScriptedServer.start(ScriptedModel.reliable())) {
      String url = remote(server);
      LineRun variable = line("variable", url);
      refused(
          variable,
          variable::go,
          url + ": no key, environment variable CRIA_TEST_KEY is not set on " + host,
          "export it, or give endpoint.keyFile",
          "for a server without keys endpoint.keyEnv: none");

      Path empty = Files.writeString(folder.resolve("empty"), " \n");
      LineRun file = line("file", server.baseUrl()).with("endpoint.keyFile", empty.toString());
      refused(file, file::go, "no key, file " + empty + " holds none that can be sent on " + host);

      LineRun header =
          line("header", server.baseUrl())
              .with("endpoint.headers", "{X-Gate: \"env:CRIA_TEST_NO_SUCH_VARIABLE\"}");
      refused(
          header,
          header::go,
          "no value of the header X-Gate, environment variable CRIA_TEST_NO_SUCH_VARIABLE is not"
              + " set on "
              + host,
          "file:PATH in endpoint.headers");
      assertThat(server.calls()).isEmpty();

      // the same command goes on once the file is there
      Files.writeString(empty, KEY);
      assertThat(file.go()).isTrue();
      assertThat(server.calls())
          .isNotEmpty()
          .allMatch(call -> ("Bearer " + KEY).equals(call.headers().get("authorization")));
    }
  }

  @Test
  void aServerWithoutKeysIsAskedWithoutOne() throws IOException {
    try (ScriptedServer server = ScriptedServer.start(ScriptedModel.reliable())) {
      assertThat(line("none", remote(server)).with("endpoint.keyEnv", "none").go()).isTrue();
      assertThat(server.calls())
          .isNotEmpty()
          .noneMatch(call -> call.headers().containsKey("authorization"));
    }
  }

  @Test
  @Tag("cluster")
  void aClusterOfWhichOneExecutorHasNoKeySendsNothing() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(ScriptedModel.reliable())) {
      LineRun run = line("cluster", server.baseUrl()).with("endpoint.keyFile", OWN_FILE);
      int code = onCluster(run, Map.of("spark.plugins", OneHasIt.class.getName()));
      assertThat(code).as(this::log).isEqualTo(5);
      assertThat(log())
          .contains("no key, file " + OWN_FILE + " cannot be read on ")
          .contains("put it there, alone on one line, readable by whoever runs the executors")
          .contains("; nothing was sent")
          .doesNotContain(KEY);
      assertThat(server.calls()).isEmpty();
      assertThat(run.ledger()).isEmpty();
      assertThat(run.status().exitCode()).isEqualTo(5);
    }
  }

  @Test
  @Tag("cluster")
  void whatTheDriverHasIsOfNoUseToExecutorsWithoutIt() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(ScriptedModel.reliable())) {
      LineRun run = line("blank", remote(server));
      int code = onCluster(run, Map.of("spark.executorEnv." + LineRun.KEY_VARIABLE, " "));
      assertThat(code).as(this::log).isEqualTo(5);
      assertThat(log())
          .contains("no key, environment variable CRIA_TEST_KEY is empty on ")
          .contains("set it for the worker's daemon, which hands it to executors");
      assertThat(server.calls())
          .as("a look at the models at most")
          .allMatch(KeyPreflightTest::isLook);
    }
  }

  @Test
  void aKeyAmongSparksPropertiesIsRefusedBeforeTheSessionOpens() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(ScriptedModel.reliable())) {
      LineRun run = line("shown", remote(server));
      Path events = Files.createDirectories(folder.resolve("events"));
      int code =
          drive(
              run,
              Map.of(
                  "spark.master",
                  "local[1]",
                  "spark.eventLog.enabled",
                  "true",
                  "spark.eventLog.dir",
                  events.toUri().toString(),
                  "spark.executor.extraJavaOptions",
                  "-Dsomething=" + Driver.KEY));
      assertThat(code).as(this::log).isEqualTo(2);
      assertThat(log())
          .contains("cria: spark.executor.extraJavaOptions: this Spark property holds a key")
          .doesNotContain(Driver.KEY);
      assertThat(events).isEmptyDirectory();
      assertThat(run.directory()).doesNotExist();
      assertThat(server.calls())
          .as("a look at the models at most")
          .allMatch(KeyPreflightTest::isLook);
    }
  }

  private static boolean isLook(ScriptedServer.Call call) {
    return call.method().equals("GET");
  }

  private int onCluster(LineRun run, Map<String, String> more) throws Exception {
    Path home = folder.resolve("home");
    Files.createDirectories(home.resolve("jars"));
    Map<String, String> conf = Driver.clusterConf(home);
    conf.putAll(more);
    return drive(run, conf);
  }

  private int drive(LineRun run, Map<String, String> conf) throws InterruptedException {
    return Driver.start(run, "alpaca", conf, Map.of(), List.of(), folder.resolve("log")).exitCode();
  }

  private String log() {
    try {
      return Files.readString(folder.resolve("log"));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Gives the first executor a key in a file of its own. */
  public static final class OneHasIt implements SparkPlugin {
    @Override
    public DriverPlugin driverPlugin() {
      return new DriverPlugin() {};
    }

    @Override
    public ExecutorPlugin executorPlugin() {
      return new ExecutorPlugin() {
        @Override
        public void init(PluginContext context, Map<String, String> extraConf) {
          if (context.executorID().equals("0")) {
            try {
              Files.writeString(Path.of(OWN_FILE), KEY);
            } catch (IOException e) {
              throw new java.io.UncheckedIOException(e);
            }
          }
        }
      };
    }
  }
}
