package io.cria.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.storage.HandClock;
import io.cria.task.CriaException;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is let in by a password, under which names, and how visitors are told apart. */
class EntranceTest {
  private static final String WORD = "woolly-alpaca-7";

  @TempDir Path folder;

  private final HandClock clock = new HandClock();
  private @Nullable PageServer server;

  @AfterEach
  void end() {
    if (server != null) {
      server.close();
    }
  }

  private Path file(String text, String permissions) throws IOException {
    Path file = Files.writeString(folder.resolve("word"), text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }

  private Visit visit(boolean behindProxy) throws IOException {
    Routes routes =
        new Routes()
                .page("/", "demo.html")
                .read("/api/read", request -> Map.of("client", request.client()))
                .action("/api/do", request -> Map.of("done", true))
                .stream("/api/stream", (request, lines) -> lines.send(Map.of("line", 1)));
    Password password = Password.read(file(WORD + "\nnot this\n", "rw-------"));
    Door door = new Door("127.0.0.1", 0, List.of("Demo.example.org"), password, behindProxy);
    server = PageServer.start(routes, door, clock);
    return new Visit(url());
  }

  private String url() {
    return Objects.requireNonNull(server, "started").url();
  }

  private Map<String, String> own(Visit visit, String... more) {
    Map<String, String> headers = new java.util.TreeMap<>();
    headers.put("Origin", url().replaceFirst("/$", ""));
    headers.put(Visitors.TOKEN, visit.get("/api/token").json().path("token").asText());
    for (int i = 0; i < more.length; i += 2) {
      headers.put(more[i], more[i + 1]);
    }
    return headers;
  }

  private static Visit.Reply enter(Visit visit, String word) {
    return visit.post("/api/enter-by-password", Map.of("password", word));
  }

  @Test
  void withoutThePasswordThereAreThePagesFilesAlone() throws IOException {
    Visit visit = visit(false);
    assertThat(visit.get("/").status()).isEqualTo(200);
    assertThat(visit.get("/assets/demo.js").status()).isEqualTo(200);
    assertThat(visit.get("/api/read").status()).isEqualTo(401);
    assertThat(visit.post("/api/do", Map.of()).status()).isEqualTo(401);
    assertThat(visit.post("/api/stream", Map.of()).status()).isEqualTo(401);
    Visit.Reply wrong = enter(visit, "wrong-alpaca-7");
    assertThat(wrong.status()).isEqualTo(401);
    assertThat(wrong.json().path("error").asText()).isEqualTo("That is not the password.");
    assertThat(wrong.header("set-cookie")).isEmpty();
    assertThat(enter(visit, "").status()).isEqualTo(401);

    Visit.Reply right = enter(visit, WORD);
    assertThat(right.status()).isEqualTo(200);
    assertThat(right.header("set-cookie"))
        .matches(
            "cria-session-\\d+=[0-9a-f]{64}; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict");
    assertThat(visit.get("/api/read").status()).isEqualTo(200);
    assertThat(visit.post("/api/do", Map.of()).status()).isEqualTo(200);
    assertThat(visit.post("/api/stream", Map.of()).text()).isEqualTo("{\"line\":1}\n");
    assertThat(new Visit(url()).get("/api/read").status()).isEqualTo(401);
    clock.advance(Duration.ofHours(12));
    assertThat(visit.get("/api/read").status()).isEqualTo(401);
  }

  @Test
  void thePasswordCannotBeGuessedForLong() throws IOException {
    Visit visit = visit(false);
    for (int n = 0; n < 10; n++) {
      assertThat(enter(visit, "guess-" + n).status()).isEqualTo(401);
    }
    Visit.Reply refused = enter(visit, WORD);
    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.header("retry-after")).isEqualTo("6");
    clock.advance(Duration.ofSeconds(6));
    assertThat(enter(visit, WORD).status()).isEqualTo(200);
  }

  @Test
  void behindAProxyItsWordCountsForAddressAndEncryption() throws IOException {
    Visit visit = visit(true);
    Map<String, String> headers =
        own(visit, "X-Forwarded-For", "6.6.6.6, 10.0.0.9", "X-Forwarded-Proto", "https");
    Visit.Reply entered = visit.post("/api/enter-by-password", Map.of("password", WORD), headers);
    assertThat(entered.header("set-cookie")).endsWith("; Secure");
    Password word = Password.read(folder.resolve("word"));
    Door proxied = new Door("127.0.0.1", 0, List.of(), word, true);
    var forwarded = new com.sun.net.httpserver.Headers();
    forwarded.set("X-Forwarded-For", "6.6.6.6, 10.0.0.9");
    InetAddress near = InetAddress.getLoopbackAddress();
    assertThat(proxied.client(near, forwarded)).isEqualTo("10.0.0.9");
    assertThat(Door.loopback(0).client(near, forwarded)).isEqualTo("127.0.0.1");
  }

  @Test
  void aHouseholdsAddressesOfVersionSixAreOneClient() throws IOException {
    var headers = new com.sun.net.httpserver.Headers();
    Door door = Door.loopback(0);
    String one = door.client(InetAddress.getByName("2001:db8:1:2::3"), headers);
    assertThat(door.client(InetAddress.getByName("2001:db8:1:2:9::4"), headers)).isEqualTo(one);
    assertThat(door.client(InetAddress.getByName("2001:db8:1:3::3"), headers)).isNotEqualTo(one);
  }

  @Test
  void theServerAnswersToItsOwnNamesAndToThoseItWasGiven() throws IOException {
    Visit unused = visit(false);
    int port = java.net.URI.create(url()).getPort();
    Password word = Password.read(folder.resolve("word"));
    Door door = new Door("127.0.0.1", port, List.of("Demo.example.org"), word, false);
    assertThat(door.hosts(port))
        .containsExactlyInAnyOrder(
            "127.0.0.1:" + port,
            "localhost:" + port,
            "demo.example.org",
            "demo.example.org:" + port);
    Visitors visitors = new Visitors(door.hosts(port));
    var headers = new com.sun.net.httpserver.Headers();
    headers.set("Host", "demo.example.org");
    headers.set("Origin", "https://demo.example.org");
    headers.set("Content-Type", "application/json");
    headers.set(Visitors.TOKEN, visitors.token());
    visitors.requireHost(headers);
    visitors.requireOwnPage(headers);
    headers.set("Host", "evil.example");
    assertThatThrownBy(() -> visitors.requireHost(headers)).isInstanceOf(PageException.class);
    headers.set("Origin", "https://demo.example.org");
    assertThatThrownBy(() -> visitors.requireOwnPage(headers)).isInstanceOf(PageException.class);
    assertThat(new Door("0.0.0.0", 8080, List.of(), word, false))
        .satisfies(all -> assertThat(all.hosts(8080)).contains("127.0.0.1:8080"))
        .satisfies(all -> assertThat(all.url(8080)).isEqualTo("http://127.0.0.1:8080/"));
  }

  @Test
  void otherMachinesAreNotLetInWithoutAPassword() {
    assertThatThrownBy(() -> new Door("0.0.0.0", 0, List.of(), null, false))
        .isInstanceOf(CriaException.class)
        .hasMessage(
            "no password, host 0.0.0.0, to which others come: give --password-file FILE, or leave out"
                + " --host, --public-name and --behind-proxy");
    assertThatThrownBy(() -> new Door("127.0.0.1", 0, List.of(), null, true))
        .hasMessageContaining("no password");
    assertThatThrownBy(() -> new Door("127.0.0.1", 0, List.of("demo.example.org"), null, false))
        .hasMessageContaining("no password");
    assertThatThrownBy(() -> new Door("127.0.0.1", 0, List.of("http://x/"), null, false))
        .hasMessageContaining("--public-name http://x/");
  }

  @Test
  void aPasswordThatLiesOpenOrIsShortIsRefusedAndNeverRepeated() throws IOException {
    assertThatThrownBy(() -> Password.read(folder.resolve("none")))
        .hasMessageContaining("no such file");
    assertThatThrownBy(() -> Password.read(file(WORD, "rw-r--r--")))
        .hasMessageContaining("chmod 600")
        .hasMessageNotContaining(WORD);
    assertThatThrownBy(() -> Password.read(file("short", "rw-------")))
        .hasMessageContaining("at least 8 characters")
        .hasMessageNotContaining("short-");
    Password mounted = Password.read(file(WORD, "r--r-----"));
    assertThat(mounted.is(WORD)).isTrue();
    assertThat(mounted.is(WORD + "x")).isFalse();
  }
}
