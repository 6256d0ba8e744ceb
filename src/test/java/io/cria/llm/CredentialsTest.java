package io.cria.llm;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.llm.fake.Reply;
import io.cria.llm.fake.ScriptedServer;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.Message;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What lets requests in: the key in the header that the endpoint wants, and gateways' headers. */
class CredentialsTest {
  private static final String CANARY = "canary-7f3a9c51e2";
  private static final Map<String, String> ENVIRONMENT =
      Map.of("KEY", "the-key-of-this-test", "GATE", "Basic " + CANARY);

  private static Credentials key() {
    return Credentials.fromEnvironment("KEY", ENVIRONMENT);
  }

  @Test
  void theKeyGoesIntoTheHeaderThatTheEndpointWants() {
    assertThat(key().headers(KeyHeader.BEARER))
        .isEqualTo(Map.of("Authorization", "Bearer the-key-of-this-test"));
    assertThat(key().headers(KeyHeader.API_KEY))
        .isEqualTo(Map.of("api-key", "the-key-of-this-test"));
    assertThat(key().headers(KeyHeader.parse("X-Auth : Token")))
        .isEqualTo(Map.of("X-Auth", "Token the-key-of-this-test"));
    assertThat(Credentials.none().headers(KeyHeader.BEARER)).isEmpty();
  }

  @Test
  void headersForGatewaysAreReadWhereTheirValuesStand(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("token"), " from-a-file\n");
    Credentials all =
        key()
            .withHeaders(
                Map.of("X-Team", "alpacas", "X-Gate", "env:GATE", "cf-token", "file:" + file),
                ENVIRONMENT);
    assertThat(all.headers(KeyHeader.API_KEY))
        .isEqualTo(
            Map.of(
                "api-key",
                "the-key-of-this-test",
                "X-Team",
                "alpacas",
                "X-Gate",
                "Basic " + CANARY,
                "cf-token",
                "from-a-file"));
    assertThat(all.toString())
        .contains("environment variable GATE", "file " + file, "X-Gate")
        .doesNotContain(CANARY, "from-a-file", "the-key");
  }

  @Test
  void aHeaderOfTheSameNameGoesBeforeTheKeys() {
    assertThat(
            key()
                .withHeaders(Map.of("authorization", "env:GATE"), ENVIRONMENT)
                .headers(KeyHeader.BEARER))
        .hasSize(1)
        .containsValue("Basic " + CANARY);
  }

  @Test
  void aHeaderWithoutItsValueIsTold(@TempDir Path folder) throws IOException {
    assertThatThrownBy(() -> key().withHeaders(Map.of("X-Gate", "env:NONE"), ENVIRONMENT))
        .hasMessage(
            "no value of the header X-Gate for the endpoint, environment variable NONE is not set:"
                + " export it")
        .extracting(e -> ((CriaException) e).exitCode())
        .isEqualTo(ExitCode.ENDPOINT);
    assertThatThrownBy(
            () -> key().withHeaders(Map.of("X-Gate", "file:" + folder + "/none"), ENVIRONMENT))
        .hasMessageMatching("no value of the header X-Gate .*, file .*/none cannot be read: .*");
    Path two = Files.writeString(folder.resolve("two"), CANARY + "\nsecond");
    assertThatThrownBy(() -> key().withHeaders(Map.of("X-Gate", "file:" + two), ENVIRONMENT))
        .hasMessageContaining("file " + two + " holds none that can be sent")
        .hasMessageNotContaining(CANARY);
  }

  private static String gate(ScriptedServer.Call call) {
    return call.headers().getOrDefault("x-gate", "");
  }

  @Test
  void valuesOfHeadersAreSentAndSeenNowhere() throws IOException {
    Credentials all = key().withHeaders(Map.of("X-Gate", "env:GATE", "X-Team", "a"), ENVIRONMENT);
    ScriptedServer.Script echo =
        call ->
            call.number() == 2
                ? Reply.error(401, "x", "y", "wrong: " + gate(call))
                : Reply.text(call, "you sent " + gate(call).substring(6));
    try (ClientFixture f =
        new ClientFixture(echo, stack -> stack.credentials(all).health(EndpointHealth.of(1)))) {
      assertThatThrownBy(() -> f.ask(9)).hasMessageContaining("401: wrong: [redacted]");
      assertThat(f.server.calls())
          .allMatch(call -> ("Basic " + CANARY).equals(call.headers().get("x-gate")))
          .allMatch(call -> "a".equals(call.headers().get("x-team")));
      assertThat(f.store.text()).contains("you sent [redacted]").doesNotContain(CANARY);
    }
  }

  @Test
  void aRefusedHeaderIsReadAgainFromItsFile(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("token"), "old-token");
    Credentials all = Credentials.none().withHeaders(Map.of("x-gate-token", "file:" + file));
    ScriptedServer.Script script =
        call -> {
          if ("new-token".equals(call.headers().get("x-gate-token"))) {
            return Reply.text(call, "x");
          }
          try {
            Files.writeString(file, "new-token");
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          return Reply.error(403, "x", "y", "expired: " + call.headers().get("x-gate-token"));
        };
    try (ClientFixture f = new ClientFixture(script, stack -> stack.credentials(all))) {
      assertThat(f.askOne().outcome()).isEqualTo(Outcome.OK);
      assertThat(f.outcomes()).containsExactly(Outcome.RETRY_TRANSIENT, Outcome.OK);
      assertThat(f.store.text()).contains("expired: [redacted]").doesNotContain("old-token");
    }
  }

  @Test
  void shortSecretsAreBlackedOutToo() {
    Redactor redactor =
        new Redactor(
            Credentials.fromEnvironment("KEY", Map.of("KEY", "s3cret"))
                .withHeaders(Map.of("X-Gate", "env:GATE"), Map.of("GATE", "Basic pa55word")));
    assertThat(redactor.body("s3cret and pa55word")).isEqualTo("[redacted] and [redacted]");
  }

  private static String blackedOut(String key, String text) {
    return new Redactor(Credentials.fromEnvironment("K", Map.of("K", key))).body(text);
  }

  @Test
  void aKeyIsBlackedOutInWhateverFormAServerRepeatsIt() {
    String key = "k7+Qe/9b&c=41c0b2d9f6e8";
    String basic = Base64.getEncoder().encodeToString(("someone:" + key + ":x").getBytes(US_ASCII));
    for (String form :
        List.of(
            key,
            "k7%2BQe%2F9b%26c%3D41c0b2d9f6e8",
            "k7\\u002bQe\\/9b\\u0026c\\u003D41c0b2d9f6e8",
            "k7\\\\u002bQe\\\\/9b&c=41c0b2d9f6e8",
            "k7&#43;Qe&#x2F;9b&amp;c=41c0b2d9f6e8")) {
      assertThat(blackedOut(key, "a " + form + " b")).as(form).isEqualTo("a [redacted] b");
    }
    assertThat(blackedOut(key, "no key: k7+Qe/9b&c=41c0…")).isEqualTo("no key: [redacted]…");
    assertThat(blackedOut(key, basic))
        .contains("[redacted]")
        .matches(left -> left.replace("[redacted]", "").length() < basic.length() - key.length());
    assertThat(blackedOut(key, "k7+Qe/9b")).as("too little of it").isEqualTo("k7+Qe/9b");
  }

  @Test
  void basicCredentialsAreSeenNeitherWholeNorDecoded() {
    String coded = Base64.getEncoder().encodeToString("me:pa55 word".getBytes(US_ASCII));
    Credentials gate =
        Credentials.none()
            .withHeaders(Map.of("X-Anything", "env:GATE"), Map.of("GATE", "Basic " + coded));
    assertThat(new Redactor(gate).body(coded + ", me:pa55 word, pa55 word"))
        .isEqualTo("[redacted], [redacted], [redacted]");
    assertThat(gate.isSeenIn("you are me:pa55 word")).isTrue();
    assertThat(gate.isSeenIn("you are me")).isFalse();
  }

  @Test
  void aPaidAnswerKeepsItsWordsWhateverCredentialsHold() {
    String coded = Base64.getEncoder().encodeToString("alpaca:training".getBytes(US_ASCII));
    Credentials gate =
        Credentials.fromEnvironment("KEY", Map.of("KEY", "instruction-data-project-7"))
            .withHeaders(Map.of("X-Gate", "env:GATE"), Map.of("GATE", "Basic " + coded));
    Redactor redactor = new Redactor(gate);
    String words = "training by instruction-data";
    assertThat(redactor.answer(words)).isEqualTo(words);
    assertThat(redactor.body(words)).isEqualTo("[redacted] by [redacted]");
    assertThat(redactor.answer("instruction-data-project-7, " + coded))
        .isEqualTo("[redacted], [redacted]");
  }

  @Test
  void aHeaderThatMayBeAnyWordIsNoKeyOnThisMachine() {
    Credentials user =
        Credentials.none().withHeaders(Map.of("X-User", "env:USER"), Map.of("USER", "ubuntu"));
    assertThat(user.isSeenIn("/home/ubuntu/jars")).isFalse();
  }

  private static KeyHeader usual(String baseUrl, @Nullable String apiVersion) {
    return Endpoint.usualKeyHeader(baseUrl, apiVersion);
  }

  @Test
  void azureHasAHeaderOfItsOwn() {
    assertThat(usual("https://api.openai.com/v1", null)).isEqualTo(KeyHeader.BEARER);
    assertThat(usual("https://x.openai.azure.com/openai/v1/", null)).isEqualTo(KeyHeader.API_KEY);
    assertThat(usual("https://X.CognitiveServices.Azure.com/openai/v1", null))
        .isEqualTo(KeyHeader.API_KEY);
    assertThat(usual("https://openai.azure.com.example.org/v1", null)).isEqualTo(KeyHeader.BEARER);
    assertThat(usual("http://127.0.0.1:1/openai/deployments/d", "2024-10-21"))
        .isEqualTo(KeyHeader.API_KEY);
  }

  @Test
  void azuresDatedVersionGoesIntoTheQuery() throws IOException {
    try (ClientFixture f = new ClientFixture(call -> Reply.text(call, call.path()));
        ModelClient azure =
            ClientStack.of(
                    new Endpoint(
                        f.server.baseUrl() + "/openai/deployments/d",
                        Dialect.CHAT,
                        Capabilities.openAi(),
                        KeyHeader.API_KEY,
                        "2024-10-21"),
                    f.ledger)
                .credentials(key())
                .build()) {
      LlmRequest request =
          LlmRequest.ofMessages(
              "s", 0, 0, 0, "m", List.of(new Message("user", "u")), ClientFixture.DECODING);
      assertThat(azure.ask(List.of(request).iterator()).next().text())
          .isEqualTo("/v1/openai/deployments/d/chat/completions?api-version=2024-10-21");
      assertThat(f.server.calls().get(0).headers())
          .containsEntry("api-key", "the-key-of-this-test")
          .doesNotContainKey("authorization");
    }
  }

  @Test
  void whatIsNoHeaderOrNoVersionIsRefused() {
    assertThatThrownBy(() -> KeyHeader.parse("two words"))
        .hasMessageContaining("endpoint.keyHeader");
    assertThatThrownBy(
            () ->
                new Endpoint(
                    "http://h/v1", Dialect.CHAT, Capabilities.plain(), KeyHeader.API_KEY, "1&x=2"))
        .hasMessageContaining("endpoint.apiVersion");
  }
}
