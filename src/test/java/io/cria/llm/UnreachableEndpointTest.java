package io.cria.llm;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.cria.llm.fake.MemoryStore;
import io.cria.llm.fake.Reply;
import io.cria.llm.fake.ScriptedServer;
import io.cria.task.CriaException;
import io.cria.testing.FaultCase;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What stands between client and endpoint: a proxy, TLS, the name service. The client asks from a
 * process of its own, since Java reads its trust store and its names once for all; names are looked
 * up in a file there, and nowhere else.
 */
class UnreachableEndpointTest {
  private static final String PASSWORD = "changeit";
  private static final int REQUESTS = 1_000;

  /** The one name that the certificate is for. */
  private static final String CERTIFIED = "model.invalid";

  @TempDir static Path folder;

  private static Map<String, Told> told = Map.of();
  private static List<ScriptedServer.Call> proxied = List.of();

  /**
   * What became of {@link #REQUESTS} requests.
   *
   * @param exitCode of the exception; 0 without one
   * @param attempts in the ledger
   * @param suspectedPaid attempts of those that may be billed
   * @param line the exception's message, or the last answer's text
   */
  private record Told(int exitCode, int attempts, int suspectedPaid, String line) {}

  /** The process that asks. */
  public static final class Asking {
    private Asking() {}

    /**
     * Asks at one address after the other, and prints for each what a {@link Told} holds.
     *
     * @param args base URLs; one with {@code via=PORT/} before it through a proxy at that port
     */
    public static void main(String[] args) {
      // a proxy may stand for addresses of this machine too
      System.setProperty("http.nonProxyHosts", "");
      for (String arg : args) {
        boolean proxy = arg.startsWith("via=");
        for (String scheme : List.of("http", "https")) {
          if (proxy) {
            System.setProperty(scheme + ".proxyHost", "127.0.0.1");
            System.setProperty(
                scheme + ".proxyPort", arg.substring("via=".length(), arg.indexOf('/')));
          } else {
            System.clearProperty(scheme + ".proxyHost");
          }
        }
        ask(arg, proxy ? arg.substring(arg.indexOf('/') + 1) : arg);
      }
      System.exit(0);
    }

    private static void ask(String name, String url) {
      MemoryStore store = new MemoryStore();
      FakeSchedule schedule = FakeSchedule.jumping();
      int exitCode = 0;
      String line = "";
      try (LedgerWriter ledger = new LedgerWriter(part -> store, "w", schedule, null);
          ModelClient client =
              ClientStack.of(new Endpoint(url, Dialect.COMPLETIONS, Capabilities.plain()), ledger)
                  .inFlight(4)
                  .schedule(schedule)
                  .build()) {
        var answers = client.ask(ClientFixture.requests(REQUESTS).iterator());
        while (answers.hasNext()) {
          line = String.valueOf(answers.next().text());
        }
      } catch (CriaException e) {
        exitCode = e.exitCode().code();
        line = String.valueOf(e.getMessage());
      }
      List<LedgerRecord> records = store.records();
      long suspected = records.stream().filter(LedgerRecord::suspectedPaid).count();
      System.out.println(
          String.join("\t", name, exitCode + "", records.size() + "", suspected + "", line));
    }
  }

  @BeforeAll
  static void askEverywhere() throws Exception {
    Path store = certificate();
    HttpsServer tls = tlsServer(store);
    try (ScriptedServer proxy =
        ScriptedServer.start(
            call -> Reply.of(407, "").withHeader("Proxy-Authenticate", "Basic realm=\"p\""))) {
      int proxyPort = URI.create(proxy.baseUrl()).getPort();
      int tlsPort = tls.getAddress().getPort();
      told =
          asked(
              store,
              Map.of(
                  "plain over proxy", "via=" + proxyPort + "/http://" + CERTIFIED + "/v1",
                  "TLS over proxy", "via=" + proxyPort + "/https://" + CERTIFIED + "/v1",
                  "certified name", "https://" + CERTIFIED + ":" + tlsPort + "/v1",
                  "other name", "https://other.invalid:" + tlsPort + "/v1",
                  "number", "https://127.0.0.1:" + tlsPort + "/v1",
                  "unknown host", "http://nowhere.invalid/v1"));
      proxied = proxy.calls();
    } finally {
      tls.stop(0);
    }
  }

  /** A certificate that signs itself, in a store that is trusted too. */
  private static Path certificate() throws Exception {
    Path store = folder.resolve("store.p12");
    run(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
            "-genkeypair",
            "-alias",
            "model",
            "-keyalg",
            "EC",
            "-dname",
            "CN=" + CERTIFIED,
            "-ext",
            "san=dns:" + CERTIFIED,
            "-validity",
            "2",
            "-storetype",
            "PKCS12",
            "-storepass",
            PASSWORD,
            "-keystore",
            store.toString()));
    return store;
  }

  private static HttpsServer tlsServer(Path file) throws IOException, GeneralSecurityException {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    byte[] answer =
        "{\"choices\":[{\"text\":\"over TLS\",\"finish_reason\":\"stop\"}]}"
            .getBytes(StandardCharsets.UTF_8);
    server.createContext(
        "/v1/completions",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange.sendResponseHeaders(200, answer.length);
          try (OutputStream out = exchange.getResponseBody()) {
            out.write(answer);
          }
        });
    server.start();
    return server;
  }

  private static Map<String, Told> asked(Path store, Map<String, String> addresses)
      throws Exception {
    Path hosts =
        Files.writeString(
            folder.resolve("hosts"), "127.0.0.1 " + CERTIFIED + "\n127.0.0.1 other.invalid\n");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1"));
    command.add("-Djdk.net.hosts.file=" + hosts);
    command.add("-Djavax.net.ssl.trustStore=" + store);
    command.add("-Djavax.net.ssl.trustStorePassword=" + PASSWORD);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Asking.class.getName()));
    List<String> names = new ArrayList<>(addresses.keySet());
    names.forEach(name -> command.add(addresses.get(name)));
    List<String> lines =
        run(command).stream().filter(line -> line.split("\t", -1).length == 5).toList();
    assertThat(lines).hasSameSizeAs(names);
    Map<String, Told> all = new TreeMap<>();
    for (int i = 0; i < names.size(); i++) {
      String[] words = lines.get(i).split("\t", -1);
      assertThat(words[0]).isEqualTo(addresses.get(names.get(i)));
      all.put(
          names.get(i),
          new Told(
              Integer.parseInt(words[1]),
              Integer.parseInt(words[2]),
              Integer.parseInt(words[3]),
              words[4]));
    }
    return all;
  }

  private static List<String> run(List<String> command) throws Exception {
    Path log = folder.resolve("log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("does not end: " + command.get(0) + "\n" + Files.readString(log));
    }
    assertThat(process.exitValue()).as(() -> read(log)).isZero();
    return Files.readAllLines(log);
  }

  private static String read(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static Told of(String name) {
    return Objects.requireNonNull(told.get(name), name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain over proxy", "TLS over proxy"})
  @FaultCase(31)
  void aProxyThatWantsCredentialsStopsTheJobAtOnce(String name) {
    Told stopped = of(name);
    assertThat(stopped.exitCode()).isEqualTo(5);
    assertThat(stopped.line())
        .contains(CERTIFIED + "/v1/completions answered 407")
        .endsWith("give the proxy its credentials");
    assertThat(stopped.attempts()).isBetween(1, 8);
    assertThat(stopped.suspectedPaid()).isZero();
    assertThat(proxied)
        .extracting(call -> call.method() + " " + call.path())
        .contains("POST http://" + CERTIFIED + "/v1/completions", "CONNECT " + CERTIFIED + ":443");
  }

  @Test
  void theServerWhoseNameIsCertifiedAnswersEveryRequest() {
    assertThat(of("certified name")).isEqualTo(new Told(0, REQUESTS, 0, "over TLS"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"other name", "number"})
  @FaultCase(31)
  void aServerUnderAnotherNameThanItsCertificatesStopsTheJobAfterFewTries(String name) {
    Told stopped = of(name);
    assertThat(stopped.exitCode()).isEqualTo(5);
    assertThat(stopped.line())
        .contains("failed, nothing answers there (no secure connection: ")
        .containsIgnoringCase("subject alternative")
        .contains("that this Java trusts the server's certificate");
    fewTriesAndNonePaid(stopped);
  }

  @Test
  @FaultCase(31)
  void aHostWithoutAnAddressStopsTheJobAfterFewTries() {
    Told stopped = of("unknown host");
    assertThat(stopped.exitCode()).isEqualTo(5);
    assertThat(stopped.line())
        .contains("failed, nothing answers there (host name not known: nowhere.invalid)")
        .endsWith("check the host in endpoint.baseUrl");
    fewTriesAndNonePaid(stopped);
  }

  private static void fewTriesAndNonePaid(Told stopped) {
    assertThat(stopped.attempts()).isBetween(HealthStep.TRIES, 4 * HealthStep.TRIES);
    assertThat(stopped.suspectedPaid()).isZero();
  }
}
