package io.cria.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cria.decoding.Choice;
import io.cria.decoding.Prompt;
import io.cria.serve.Api.Reply;
import io.cria.task.Conversation;
import io.cria.task.CriaException;
import io.cria.task.Decoding;
import io.cria.task.ExitCode;
import io.cria.task.Message;
import io.cria.task.TextGenerator.PromptTooLongException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OpenAiServerTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.ofEpochSecond(1_700_000_000), ZoneOffset.UTC);

  private final ScriptedBackend backend = new ScriptedBackend();
  private final OpenAiServer server = OpenAiServer.start(backend, "127.0.0.1", 0, CLOCK);
  private final Api api = new Api(server.baseUrl());

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void completionHasTheShapeOfTheApi() {
    Reply reply = api.complete("{'model':'scripted','prompt':'the alpaca wears'}");

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.body().path("id").asText()).startsWith("cmpl-");
    assertThat(reply.body().path("object").asText()).isEqualTo("text_completion");
    assertThat(reply.body().path("created").asLong()).isEqualTo(1_700_000_000);
    assertThat(reply.body().path("model").asText()).isEqualTo("scripted");
    assertThat(reply.choice())
        .hasToString(
            "{\"index\":0,\"text\":\"wool\",\"logprobs\":null,\"finish_reason\":\"stop\"}");
    assertThat(reply.body().path("usage"))
        .hasToString("{\"prompt_tokens\":3,\"completion_tokens\":1,\"total_tokens\":4}");
    assertThat(backend.question.prompts()).containsExactly(new Prompt.Text("the alpaca wears"));
  }

  @Test
  void chatHasTheShapeOfTheApi() {
    Reply reply =
        api.chat(
            "{'messages':[{'role':'developer','content':'be"
                + " brief'},{'role':'user','content':[{'type':'text','text':'what grows"
                + " '},{'type':'text','text':'here?'}]}]}");

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.body().path("id").asText()).startsWith("chatcmpl-");
    assertThat(reply.body().path("object").asText()).isEqualTo("chat.completion");
    assertThat(reply.choice().path("message"))
        .hasToString("{\"role\":\"assistant\",\"content\":\"wool\"}");
    assertThat(reply.choice().path("finish_reason").asText()).isEqualTo("stop");
    assertThat(backend.question.prompts())
        .containsExactly(
            new Prompt.Chat(
                Conversation.of(
                    List.of(
                        new Message("system", "be brief"),
                        new Message("user", "what grows here?")))));
    assertThat(backend.question.fitted()).isTrue();
    assertThat(backend.decoding().maxTokens()).isEqualTo(ApiRequest.CHAT_TOKENS);
  }

  @Test
  void everyOptionReachesTheBackend() {
    api.complete(
        "{'prompt':['a'],'max_tokens':7,'temperature':0.5,'top_p':0.25,'min_p':0.1,'presence_penalty':2,'frequency_penalty':-1,'repeat_penalty':1.1,'stop':['x','\\n"
            + "'],'logit_bias':{'5':-100},"
            + "'seed':-9007199254740993,'n':1,'stream':false,'logprobs':null,'user':'u'}");

    assertThat(backend.decoding())
        .isEqualTo(
            new Decoding(
                7,
                0.5,
                0.25,
                0.1,
                2.0,
                -1.0,
                1.1,
                List.of("x", "\n"),
                Map.of("5", -100),
                -9007199254740993L));
  }

  @Test
  void absentOptionsAreLeftToTheBackendAndTheNewerTokenLimitWins() {
    api.complete("{'prompt':'a','max_tokens':7,'max_completion_tokens':9,'stop':'x','seed':null}");

    assertThat(backend.decoding())
        .isEqualTo(
            new Decoding(9, null, null, null, null, null, null, List.of("x"), Map.of(), null));

    api.complete("{'prompt':'a'}");
    assertThat(backend.decoding().maxTokens()).isEqualTo(16);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{'prompt':'a'", "[1]", "null", "{'prompt':'a'} x", "nonsense"})
  void aBodyThatIsNoJsonObjectIsRefused(String body) {
    Reply reply = api.complete(body);

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.error("code")).isEqualTo("invalid_json");
    assertThat(reply.error("message")).startsWith("the body ");
  }

  @Test
  void anotherModelIsNotFound() {
    Reply reply = api.complete("{'model':'gpt-x','prompt':'a'}");

    assertThat(reply.status()).isEqualTo(404);
    assertThat(reply.error("code")).isEqualTo("model_not_found");
    assertThat(reply.error("message"))
        .isEqualTo("the model 'gpt-x' is not served here; 'scripted' is");
  }

  @Test
  void routesAndMethodsAreChecked() {
    Reply unknown = api.get("/v1/embeddings");
    assertThat(unknown.status()).isEqualTo(404);
    assertThat(unknown.error("code")).isEqualTo("unknown_route");

    Reply method = api.get("/v1/completions");
    assertThat(method.status()).isEqualTo(405);
    assertThat(method.allow()).isEqualTo("POST");
    assertThat(api.post("/v1/models", "{}").status()).isEqualTo(405);
  }

  @Test
  void modelsAndHealthAreTold() {
    Reply models = api.get("/v1/models");
    assertThat(models.status()).isEqualTo(200);
    assertThat(models.body().path("data").path(0).path("id").asText()).isEqualTo("scripted");
    Reply one = api.get("/v1/models/scripted");
    assertThat(one.body()).isEqualTo(models.body().path("data").path(0));
    Reply other = api.get("/v1/models/org/other");
    assertThat(other.status()).isEqualTo(404);
    assertThat(other.error("code")).isEqualTo("model_not_found");
    assertThat(other.error("message"))
        .isEqualTo("the model 'org/other' is not served here; 'scripted' is");

    assertThat(api.get("/health").status()).isEqualTo(200);
    assertThat(api.get("/health").body()).hasToString("{\"status\":\"ok\",\"workers\":2}");

    backend.alive = 0;
    Reply unavailable = api.get("/health");
    assertThat(unavailable.status()).isEqualTo(503);
    assertThat(unavailable.retryAfter()).isEqualTo("1");
  }

  @Test
  void aBodyBeyondTheLimitIsRefused() {
    byte[] body =
        ("{\"prompt\":\"" + "a".repeat(OpenAiServer.MOST_BODY_BYTES))
            .getBytes(StandardCharsets.UTF_8);

    Reply reply = api.send("POST", "/v1/completions", body);

    assertThat(reply.status()).isEqualTo(413);
    assertThat(reply.error("code")).isEqualTo("body_too_large");
  }

  @Test
  void refusalsOfTheBackendKeepTheirMeaning() {
    backend.script =
        (choice, listener) -> {
          throw new PromptTooLongException(5000, 2048);
        };
    Reply tooLong = api.complete("{'prompt':'a'}");
    assertThat(tooLong.status()).isEqualTo(400);
    assertThat(tooLong.error("code")).isEqualTo("context_length_exceeded");
    assertThat(tooLong.error("param")).isEqualTo("prompt");
    assertThat(tooLong.error("message")).contains("5000 tokens").contains("2048");
    for (String stream : List.of("false", "true")) {
      Reply chat = api.chat("{'messages':[{'role':'user','content':'x'}],'stream':" + stream + "}");
      assertThat(chat.status()).isEqualTo(400);
      assertThat(chat.error("code")).isEqualTo("context_length_exceeded");
      assertThat(chat.error("param")).isEqualTo("messages");
    }

    backend.script =
        (choice, listener) -> {
          throw new Backend.UnavailableException("nobody is there", 7);
        };
    Reply unavailable = api.complete("{'prompt':'a'}");
    assertThat(unavailable.status()).isEqualTo(503);
    assertThat(unavailable.retryAfter()).isEqualTo("7");
    assertThat(unavailable.error("type")).isEqualTo("server_error");

    backend.script =
        (choice, listener) -> {
          throw new IllegalStateException("broken");
        };
    Reply failed = api.complete("{'prompt':'a'}");
    assertThat(failed.status()).isEqualTo(500);
    assertThat(failed.error("message")).contains("broken");
  }

  @Test
  void whatTheBackendFindsBadIsTheClientsErrorAndEverythingElseTheServers() {
    backend.script =
        (choice, listener) -> {
          throw CriaException.badInput("no layout is known: name one");
        };
    Reply bad = api.chat("{'messages':[{'role':'user','content':'x'}]}");
    assertThat(bad.status()).isEqualTo(400);
    assertThat(bad.error("type")).isEqualTo("invalid_request_error");
    assertThat(bad.error("message")).isEqualTo("no layout is known: name one");

    backend.script =
        (choice, listener) -> {
          throw new CriaException(ExitCode.FAULT, "out of memory: lower it", null);
        };
    Reply failed = api.complete("{'prompt':'a'}");
    assertThat(failed.status()).isEqualTo(500);
    assertThat(failed.error("message")).isEqualTo("out of memory: lower it");
  }

  @Test
  void aClientThatHangsUpEndsItsRequest() throws Exception {
    assumeTrue(Files.exists(Path.of("/proc/net/tcp")), "skipped: connections are not listed here");
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    backend.script =
        (choice, listener) -> {
          try {
            interrupted.complete(new CountDownLatch(1).await(20, TimeUnit.SECONDS));
          } catch (InterruptedException e) {
            interrupted.complete(true);
          }
          return new Choice("", "stop", 1, 0, List.of());
        };
    try (Socket client = Api.leavable(server.port(), "/v1/completions", "{'prompt':'a'}")) {
      backend.asked.await();
      // No more is to be sent, but the answer is still waited for.
      client.shutdownOutput();
      assertThatThrownBy(() -> interrupted.get(1500, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
    }

    assertThat(interrupted.get(10, TimeUnit.SECONDS)).isTrue();
    backend.script = (choice, listener) -> ScriptedBackend.wool();
    assertThat(api.complete("{'prompt':'a'}").text()).isEqualTo("wool");
  }

  /** A completion that is asked for with these headers, and no others; the whole answer. */
  private String completed(String version, String headers) throws IOException {
    String body = "{\"prompt\":\"a\"}";
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket
          .getOutputStream()
          .write(
              ("POST /v1/completions "
                      + version
                      + "\r\n"
                      + headers
                      + "Content-Length: "
                      + body.length()
                      + "\r\nConnection: close\r\n\r\n"
                      + body)
                  .getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host: localhost",
        "Host: 127.0.0.1:8080",
        "Host: [::1]:1\r\nUser-Agent: node\r\nSec-Fetch-Mode: cors",
        "Host: localhost:1\r\nSec-Fetch-Site: none",
        "Host: localhost:1\r\nSec-Fetch-Site: same-origin\r\nOrigin: http://localhost:1"
      })
  void programsOfThisMachineAreAnswered(String headers) throws IOException {
    assertThat(completed("HTTP/1.1", headers + "\r\n")).contains(" 200 ", "wool");
  }

  @Test
  void aClientThatNamesNoHostIsNoBrowser() throws IOException {
    assertThat(completed("HTTP/1.0", "")).contains(" 200 ", "wool");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host: example.org",
        "Host: example.org:8080\r\nSec-Fetch-Site: same-origin",
        "Host: localhost\r\nSec-Fetch-Site: cross-site",
        "Host: localhost\r\nSec-Fetch-Site: same-site",
        "Host: localhost:1\r\nOrigin: http://localhost:3000",
        "Host: localhost\r\nOrigin: https://example.org\r\nContent-Type: text/plain",
        "Host: localhost\r\nOrigin: null"
      })
  void webPagesNeitherHoldTheModelNorReadAnswers(String headers) throws IOException {
    String answer = completed("HTTP/1.1", headers + "\r\n");

    assertThat(answer).contains(" 403 ", "\"error\"", "\"type\":\"invalid_request_error\"");
    assertThat(answer).containsPattern("\"code\":\"foreign_(host|origin)\"");
    assertThat(answer).doesNotContain("wool").doesNotContainIgnoringCase("access-control");
    assertThat(backend.asked.getCount()).as("nothing was asked").isEqualTo(1);
  }

  @Test
  void anotherMachinesNameIsToldWithTheBaseUrl() throws IOException {
    assertThat(completed("HTTP/1.1", "Host: example.org\r\n"))
        .contains(
            "this server answers to the names of this machine only, Host 'example.org': give"
                + " clients the base URL "
                + server.baseUrl());
  }

  @Test
  void closingLetsTheRequestAtWorkFinish() throws Exception {
    CountDownLatch finish = new CountDownLatch(1);
    backend.script =
        (choice, listener) -> {
          finish.await();
          return new Choice("late wool", "stop", 1, 2, List.of());
        };
    CompletableFuture<Reply> late =
        CompletableFuture.supplyAsync(() -> api.complete("{'prompt':'a'}"));
    backend.asked.await();
    CompletableFuture<Void> closed = CompletableFuture.runAsync(server::close);
    Reply refused = api.get("/health");
    while (refused.status() != 503) {
      refused = api.get("/health");
    }
    assertThat(refused.error("message")).isEqualTo("the server is closing");
    assertThat(backend.isClosed).isFalse();

    finish.countDown();

    assertThat(late.get().text()).isEqualTo("late wool");
    closed.get();
    assertThat(backend.isClosed).isTrue();
  }

  @Test
  void onlyThisMachineIsServedAndATakenPortIsNamed() {
    assertThatThrownBy(() -> OpenAiServer.start(backend, "0.0.0.0", 0, CLOCK))
        .isInstanceOf(CriaException.class)
        .hasMessage("serving is for this machine only, host 0.0.0.0: give 127.0.0.1");
    assertThatThrownBy(() -> OpenAiServer.start(backend, "127.0.0.1", server.port(), CLOCK))
        .isInstanceOfSatisfying(
            CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_INPUT))
        .hasMessageStartingWith("cannot listen, 127.0.0.1:" + server.port());
  }
}
