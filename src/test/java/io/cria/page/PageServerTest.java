package io.cria.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is answered, with what headers, and what is refused how. */
class PageServerTest {
  private PageServer server;
  private Visit visit;
  private int done;

  @BeforeEach
  void start() {
    Routes routes =
        new Routes()
                .page("/", "view.html")
                .read("/api/echo", request -> Map.of("said", request.value("say").orElse("")))
                .read(
                    "/api/bad",
                    request -> {
                      throw CriaException.badInput("not so, here: do otherwise");
                    })
                .read(
                    "/api/fault",
                    request -> {
                      throw new IllegalStateException("broken");
                    })
                .read(
                    "/api/checked",
                    request -> {
                      throw PageServerTest.<RuntimeException>unchecked(new Exception("of Scala"));
                    })
                .read(
                    "/api/error",
                    request -> {
                      throw new OutOfMemoryError("heap");
                    })
                .action(
                    "/api/taken",
                    request -> {
                      throw PageException.conflict("anna is here", Map.of("rater", "anna"));
                    })
                .stream(
                    "/api/unwritable",
                    (request, lines) -> {
                      if (request.text("when").equals("later")) {
                        lines.send(Map.of("line", 1));
                      }
                      lines.send(new Object());
                    })
                .action("/api/do", request -> Map.of("done", ++done, "of", request.text("what")));
    server = PageServer.start(routes, 0);
    visit = new Visit(server.url());
  }

  @AfterEach
  void end() {
    server.close();
  }

  @SuppressWarnings("unchecked") // what compilers of other languages do without a word
  private static <E extends Exception> RuntimeException unchecked(Exception checked) throws E {
    throw (E) checked;
  }

  private Map<String, String> own(String token) {
    return Map.of("Origin", server.url().replaceFirst("/$", ""), Visitors.TOKEN, token);
  }

  private String token() {
    return visit.get("/api/token").json().path("token").asText();
  }

  @Test
  void everyAnswerForbidsWhatIsForeign() {
    for (String path : List.of("/", "/assets/page.css", "/api/echo", "/nowhere")) {
      Visit.Reply reply = visit.get(path);
      assertThat(reply.header("content-security-policy"))
          .as(path)
          .startsWith("default-src 'none'; script-src 'self'; style-src 'self'")
          .contains("frame-ancestors 'none'")
          .doesNotContain("unsafe", "http:", "*");
      assertThat(reply.header("x-content-type-options")).isEqualTo("nosniff");
      assertThat(reply.header("x-frame-options")).isEqualTo("DENY");
      assertThat(reply.header("referrer-policy")).isEqualTo("no-referrer");
      assertThat(reply.header("cache-control")).isEqualTo("no-store");
      assertThat(reply.header("access-control-allow-origin")).isEmpty();
    }
  }

  @Test
  void pagesAndTheirFilesAreServedWithTheirTypes() {
    assertThat(visit.get("/").header("content-type")).isEqualTo("text/html; charset=utf-8");
    assertThat(visit.get("/assets/page.js").header("content-type"))
        .isEqualTo("text/javascript; charset=utf-8");
    assertThat(visit.get("/assets/cria.svg").header("content-type")).isEqualTo("image/svg+xml");
  }

  @Test
  void pagesNameNoOtherPlaceAndHoldNoInlineScriptOrStyle() {
    for (String page : List.of("view.html", "judge.html")) {
      String html = visit.get("/assets/" + page).text();
      assertThat(html)
          .doesNotContain("http://", "https://", "//cdn", "<style", "style=", "onclick");
      assertThat(html)
          .containsPattern("<html lang=\"en\">")
          .contains("<script type=\"module\" src=");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/assets/",
        "/assets/PageServer.class",
        "/assets/package-info.class",
        "/assets/../page/page.css",
        "/assets/%2e%2e/page/page.css",
        "/assets/none.css",
        "/api/none"
      })
  void nothingElseIsServed(String path) {
    Visit.Reply reply = visit.get(path);
    assertThat(reply.status()).isEqualTo(404);
    assertThat(reply.json().path("error").asText()).contains("there is no");
  }

  @Test
  void whatIsAskedIsDecoded() {
    assertThat(visit.get("/api/echo?say=" + Visit.coded("한국어 & <b>")).json().path("said").asText())
        .isEqualTo("한국어 & <b>");
    assertThat(visit.get("/api/echo?say").json().path("said").asText()).isEmpty();
  }

  @Test
  void failuresAreTold() {
    Visit.Reply bad = visit.get("/api/bad");
    assertThat(bad.status()).isEqualTo(400);
    assertThat(bad.json().path("error").asText()).isEqualTo("not so, here: do otherwise");
    Visit.Reply fault = visit.get("/api/fault");
    assertThat(fault.status()).isEqualTo(500);
    assertThat(fault.json().path("error").asText()).contains("a fault of Cria").contains("broken");
    Visit.Reply checked = visit.get("/api/checked");
    assertThat(checked.status()).isEqualTo(500);
    assertThat(checked.json().path("error").asText()).contains("of Scala");
    Visit.Reply error = visit.get("/api/error");
    assertThat(error.status()).isEqualTo(500);
    assertThat(error.json().path("error").asText())
        .isEqualTo(
            "the server cannot do this (java.lang.OutOfMemoryError: heap): end its command and give"
                + " it again");
  }

  @Test
  void aLineThatCannotBeWrittenIsAFaultAndNoReaderThatLeft() {
    Visit.Reply first = visit.post("/api/unwritable", Map.of("when", "first"));
    assertThat(first.status()).isEqualTo(500);
    assertThat(first.json().path("error").asText())
        .contains("a fault of Cria")
        .contains("no JSON can be made of a class java.lang.Object");
    Visit.Reply later = visit.post("/api/unwritable", Map.of("when", "later"));
    assertThat(later.status()).isEqualTo(200);
    assertThat(later.text())
        .startsWith("{\"line\":1}\n{\"error\":\"a fault of Cria: ")
        .contains("no JSON can be made of");
  }

  @Test
  void aConflictTellsWhatThePageNeeds() {
    Visit.Reply taken = visit.post("/api/taken", Map.of());
    assertThat(taken.status()).isEqualTo(409);
    assertThat(taken.json().path("error").asText()).isEqualTo("anna is here");
    assertThat(taken.json().path("rater").asText()).isEqualTo("anna");
  }

  @Test
  void dataIsToldToNoPageOfAnotherSite() {
    for (String site : List.of("cross-site", "same-site")) {
      for (String path : List.of("/api/echo", "/api/token", "/api/none")) {
        Visit.Reply reply = from(site, path);
        assertThat(reply.status()).as(site + path).isEqualTo(403);
        assertThat(reply.json().path("error").asText()).contains("another site");
      }
      assertThat(from(site, "/").status()).as("a link may lead here").isEqualTo(200);
    }
    for (String site : List.of("same-origin", "none")) {
      assertThat(from(site, "/api/echo").status()).as(site).isEqualTo(200);
    }
  }

  private Visit.Reply from(String site, String path) {
    return visit.send(HttpRequest.newBuilder(visit.at(path)).header("Sec-Fetch-Site", site).GET());
  }

  @Test
  void aPostNeedsAPageOfTheServer() {
    String token = token();
    Map<String, Object> body = Map.of("what", "all");
    assertThat(visit.post("/api/do", body, own(token)).json().path("of").asText()).isEqualTo("all");
    for (Map<String, String> headers :
        List.of(
            Map.of(Visitors.TOKEN, token),
            Map.of("Origin", "http://example.org", Visitors.TOKEN, token),
            Map.of("Origin", "null", Visitors.TOKEN, token),
            own("0".repeat(32)),
            Map.of("Origin", server.url().replaceFirst("/$", "")))) {
      Visit.Reply reply = visit.post("/api/do", body, headers);
      assertThat(reply.status()).as(headers.toString()).isEqualTo(403);
    }
    assertThat(
            visit
                .send(
                    HttpRequest.newBuilder(visit.at("/api/do"))
                        .header("Origin", server.url().replaceFirst("/$", ""))
                        .header(Visitors.TOKEN, token)
                        .header("Content-Type", "text/plain")
                        .POST(HttpRequest.BodyPublishers.ofString("{}")))
                .status())
        .isEqualTo(403);
    assertThat(done).isEqualTo(1);
  }

  @Test
  void methodsAndBodiesAreChecked() {
    assertThat(visit.get("/api/do").status()).isEqualTo(405);
    assertThat(visit.get("/api/do").header("allow")).isEqualTo("POST");
    assertThat(visit.post("/api/echo", Map.of()).status()).isEqualTo(405);
    assertThat(
            visit.post("/api/do", Map.of("what", "a".repeat(PageServer.MOST_BODY_BYTES))).status())
        .isEqualTo(413);
    Map<String, String> headers = own(token());
    HttpRequest.Builder request = HttpRequest.newBuilder(visit.at("/api/do"));
    headers.forEach(request::header);
    request.header("Content-Type", "application/json");
    assertThat(visit.send(request.POST(HttpRequest.BodyPublishers.ofString("[1"))).status())
        .isEqualTo(400);
    assertThat(done).isZero();
  }

  @Test
  void anotherHostsNameIsRefused() throws IOException {
    int port = URI.create(server.url()).getPort();
    for (String host : List.of("example.org", "example.org:" + port, "127.0.0.1:1")) {
      assertThat(statusLine(port, "Host: " + host + "\r\n")).as(host).contains(" 403 ");
    }
    assertThat(statusLine(port, "")).doesNotContain(" 200 ");
    for (String host : List.of("127.0.0.1:" + port, "localhost:" + port)) {
      assertThat(statusLine(port, "Host: " + host + "\r\n")).as(host).contains(" 200 ");
    }
  }

  private static String statusLine(int port, String host) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket
          .getOutputStream()
          .write(
              ("GET /api/token HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return answer.lines().findFirst().orElse("");
    }
  }

  @Test
  void aPortThatIsTakenIsToldWithTheRemedy() {
    int port = URI.create(server.url()).getPort();
    assertThatThrownBy(() -> PageServer.start(new Routes(), port))
        .isInstanceOfSatisfying(
            CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
        .hasMessageContaining("127.0.0.1:" + port)
        .hasMessageContaining("give another port");
    assertThatThrownBy(() -> PageServer.start(new Routes(), 70_000))
        .hasMessageContaining("port 70000: give 1 to 65535");
  }
}
