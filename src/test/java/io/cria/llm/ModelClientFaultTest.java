package io.cria.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.llm.fake.Reply;
import io.cria.llm.fake.ScriptedServer;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.testing.FaultCase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server can do wrong, over real sockets. */
class ModelClientFaultTest {
  private static final String CANARY = "canary-7f3a9c51e2";

  @ParameterizedTest
  @CsvSource({
    "Retry-After, 7, 7000",
    "Retry-After, 'Fri, 02 Jan 2026 03:04:35 GMT', 30000",
    "Retry-After-Ms, 1250, 1250",
    "x-ratelimit-reset-requests, 820ms, 820",
  })
  @FaultCase(1)
  void aRateRefusalPausesAsLongAsAskedAndUsesNoAttempt(String header, String value, long millis)
      throws IOException {
    try (ClientFixture f =
        new ClientFixture(
            call ->
                call.number() == 1
                    ? Reply.of(429, "").withHeader(header, value)
                    : Reply.text(call, "x"),
            stack -> stack.rules(RetryRules.standard().withAttempts(1)))) {
      LedgerRecord answer = f.askOne();
      assertThat(answer.outcome()).isEqualTo(Outcome.OK);
      assertThat(answer.attempt()).isEqualTo(2);
      assertThat(f.outcomes()).containsExactly(Outcome.RETRY_RATE, Outcome.OK);
      assertThat(f.schedule.waits()).containsExactly(Duration.ofMillis(millis));
    }
  }

  @Test
  void aPauseHoldsEveryRequestBack() throws IOException {
    EndpointHealth health = EndpointHealth.of(8);
    try (ClientFixture f =
        new ClientFixture(call -> Reply.text(call, "x"), stack -> stack.health(health))) {
      health.pauses().pauseUntil(f.schedule.now().plusSeconds(9));
      f.askOne();
      assertThat(f.schedule.waits()).containsExactly(Duration.ofSeconds(9));
    }
  }

  @Test
  @FaultCase(2)
  void withoutAWordFromTheServerTheWaitGrowsUnderFullJitterToItsCap() throws IOException {
    try (ClientFixture f =
        new ClientFixture(call -> call.number() <= 9 ? Reply.of(429, "") : Reply.text(call, "x"))) {
      assertThat(f.askOne().attempt()).isEqualTo(10);
      assertThat(f.schedule.waits().stream().map(Duration::toMillis))
          .containsExactly(250L, 500L, 1000L, 2000L, 4000L, 8000L, 15000L, 15000L, 15000L);
    }
  }

  @Test
  @FaultCase(3)
  void anAbsurdRetryAfterIsCappedWithAWarningAndANegativeOneIgnored() throws IOException {
    try (ClientFixture f =
        new ClientFixture(
            call ->
                switch (call.number()) {
                  case 1 -> Reply.of(429, "").withHeader("Retry-After", "3600");
                  case 2 -> Reply.of(429, "").withHeader("Retry-After", "-3");
                  default -> Reply.text(call, "x");
                })) {
      f.askOne();
      assertThat(f.schedule.waits()).containsExactly(Duration.ofMinutes(2), Duration.ofMillis(500));
      assertThat(f.warnings)
          .containsExactly(
              "POST " + f.server.baseUrl() + "/completions asks to wait 3600 s; waiting 120 s");
    }
  }

  @Test
  void aRateLimitThatNeverEndsFailsTheRowByTheTotalTime() throws IOException {
    try (ClientFixture f =
        new ClientFixture(
            call -> Reply.of(429, "").withHeader("Retry-After", "60"),
            stack ->
                stack.rules(RetryRules.standard().withTotalTimeout(Duration.ofSeconds(150))))) {
      LedgerRecord answer = f.askOne();
      assertThat(answer.outcome()).isEqualTo(Outcome.FAILED);
      assertThat(answer.error()).isEqualTo("time used up; last: 429: no message");
      assertThat(f.calls()).hasSize(3);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "401 | x | invalid_api_key | answered 401: told: give a key that may use this model",
        "403 | x | y | answered 403: told: give a key that may use this model",
        "404 | x | model_not_found | answered 404: told: correct model, endpoint.baseUrl",
        "402 | x | y | answered 402: told: see to credit and limits of the account",
        "429 | insufficient_quota | y | answered 429: told: see to credit and limits",
      })
  @FaultCase({4, 6})
  void whatNoRequestCanPassStopsTheJobAfterKeepingWhatWasOnItsWay(
      int status, String type, String code, String told) throws IOException {
    try (ClientFixture f =
        new ClientFixture(
            call ->
                call.number() == 20
                    ? Reply.error(status, type, code, "told")
                    : Reply.text(call, "x"),
            stack -> stack.inFlight(4))) {
      assertThatThrownBy(() -> f.ask(500))
          .isInstanceOf(CriaException.class)
          .hasMessageStartingWith("POST " + f.server.baseUrl() + "/completions " + told)
          .extracting(e -> ((CriaException) e).exitCode())
          .isEqualTo(ExitCode.ENDPOINT);
      assertThat(f.client.stopReason()).isEqualTo(StopReason.ENDPOINT);
      assertThat(f.calls()).hasSizeBetween(20, 40);
      assertThat(f.store.records()).hasSize(f.calls().size());
      assertThat(f.outcomes()).containsOnlyOnce(Outcome.STOP_JOB);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "API key not valid. Please pass a valid one. | give a key that may use this model (now:",
        "your credit balance is too low | see to credit and limits of the account",
        "model 'x' does not exist | correct the model's name",
      })
  void theWordsOfABadRequestDecideWhatToDo(String words, String told) throws IOException {
    try (ClientFixture f =
        new ClientFixture(call -> Reply.error(400, "invalid_request_error", "y", words), s -> s)) {
      assertThatThrownBy(f::askOne)
          .hasMessageContaining("/completions answered 400: " + words + ": " + told);
    }
  }

  @Test
  @FaultCase(6)
  void aRefusedKeyIsReadAgainOnceFromItsFile(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("key");
    Files.writeString(file, "old-key\n");
    ScriptedServer.Script script =
        call -> {
          if ("Bearer new-key".equals(call.headers().get("authorization"))) {
            return Reply.text(call, "x");
          }
          try {
            Files.writeString(file, "new-key\n");
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          return Reply.error(401, "x", "invalid_api_key", "no");
        };
    try (ClientFixture f =
        new ClientFixture(script, stack -> stack.credentials(Credentials.fromFile(file)))) {
      assertThat(f.askOne().outcome()).isEqualTo(Outcome.OK);
      assertThat(f.outcomes()).containsExactly(Outcome.RETRY_TRANSIENT, Outcome.OK);
    }
    try (ClientFixture f =
        new ClientFixture(
            call -> Reply.of(401, ""),
            stack -> stack.credentials(Credentials.fromFile(file)).inFlight(1))) {
      assertThatThrownBy(() -> f.ask(5)).hasMessageContaining("(now: file " + file + ")");
      assertThat(f.calls()).hasSize(1);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "400, invalid_request_error, context_length_exceeded",
    "400, exceed_context_size_error, 400",
    "500, exceed_context_size_error, 500",
    "400, x, content_filter",
    "413, x, y",
    "422, x, y",
  })
  @FaultCase({7, 8})
  void aRequestThatWillNeverPassIsSentOnceAndRejected(int status, String type, String code)
      throws IOException {
    try (ClientFixture f = new ClientFixture(call -> Reply.error(status, type, code, "too much"))) {
      LedgerRecord answer = f.askOne();
      assertThat(answer.outcome()).isEqualTo(Outcome.REJECT_ROW);
      assertThat(answer.error()).isEqualTo(status + ": too much");
      assertThat(f.calls()).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 409, 500, 502, 503, 529})
  @FaultCase(9)
  void aPassingFailureIsRetriedToTheAttemptsThenTheRowHasFailed(int status) throws IOException {
    try (ClientFixture f =
        new ClientFixture(
            call -> Reply.of(status, "<html>oops</html>"),
            stack -> stack.rules(RetryRules.standard().withAttempts(3)))) {
      LedgerRecord answer = f.askOne();
      assertThat(answer.outcome()).isEqualTo(Outcome.FAILED);
      assertThat(answer.attempt()).isEqualTo(3);
      assertThat(answer.error())
          .isEqualTo("attempts used up; last: " + status + ": <html>oops</html>");
      assertThat(answer.body()).isEqualTo("<html>oops</html>");
      assertThat(f.outcomes())
          .containsExactly(Outcome.RETRY_TRANSIENT, Outcome.RETRY_TRANSIENT, Outcome.FAILED);
      assertThat(f.store.records()).last().isEqualTo(answer);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"RESET", "RESET_IN_BODY", "TRUNCATE"})
  @FaultCase(11)
  void aBrokenConnectionIsRetriedAndSuspectedPaid(Reply.Fault fault) throws IOException {
    try (ClientFixture f =
        new ClientFixture(
            call ->
                Reply.text(call, "x")
                    .withFault(call.timesSeen() == 1 ? fault : Reply.Fault.NONE))) {
      List<LedgerRecord> answers = f.ask(12);
      assertThat(answers).hasSize(12).allMatch(a -> a.outcome() == Outcome.OK);
      assertThat(f.store.records().stream().filter(LedgerRecord::suspectedPaid))
          .hasSize(12)
          .allMatch(r -> r.outcome() == Outcome.RETRY_TRANSIENT && r.httpStatus() == null);
    }
  }

  @Test
  @FaultCase(11)
  void staleKeptConnectionsLoseNoRow() throws IOException {
    try (ClientFixture f =
        new ClientFixture(call -> Reply.text(call, "x").withFault(Reply.Fault.CLOSE_AFTER))) {
      assertThat(f.ask(60)).hasSize(60).allMatch(a -> a.outcome() == Outcome.OK);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HANG", "TRICKLE"})
  @FaultCase(12)
  void anAnswerThatDoesNotComeToAnEndIsCancelledAndItsConnectionDropped(Reply.Fault fault)
      throws IOException {
    try (ClientFixture f =
        new ClientFixture(
            call ->
                call.number() == 1
                    ? Reply.text(call, "x").withFault(fault).withDelay(Duration.ofMillis(20))
                    : Reply.text(call, "x"),
            stack ->
                stack.rules(RetryRules.standard().withAttemptTimeout(Duration.ofMillis(400))))) {
      assertThat(f.askOne().attempt()).isEqualTo(2);
      assertThat(f.store.records().get(0))
          .satisfies(
              first -> {
                assertThat(first.error()).isEqualTo("no whole answer within 400 ms");
                assertThat(first.suspectedPaid()).isTrue();
              });
      assertThat(f.server.connectionsAccepted()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"choices\":[{",
        "{\"choices\":[]}",
        "{\"choices\":[{\"text\":null,\"finish_reason\":\"stop\"}]}"
      })
  @FaultCase(13)
  void anUnreadableAnswerIsKeptRawAndBoughtAgainTwiceAtMost(String body) throws IOException {
    try (ClientFixture f = new ClientFixture(call -> Reply.of(200, body))) {
      LedgerRecord answer = f.askOne();
      assertThat(f.calls()).hasSize(3);
      assertThat(f.outcomes()).containsExactly(Outcome.BAD_PAID, Outcome.BAD_PAID, Outcome.FAILED);
      assertThat(answer.error()).startsWith("attempts used up; last: the answer");
      assertThat(f.store.records()).allMatch(record -> body.equals(record.body()));
    }
  }

  @Test
  @FaultCase(14)
  void missingUsageIsAcceptedAndItsPriceMarkedAsEstimated() throws IOException {
    Prices prices =
        Prices.parse("prices: [{model: m, from: 2020-01-01, input: 1, output: 1}]", "p");
    try (ClientFixture f =
        new ClientFixture(
            call -> Reply.of(200, "{\"choices\":[{\"text\":\"1234\",\"finish_reason\":\"stop\"}]}"),
            stack -> stack.prices(prices))) {
      LedgerRecord answer = f.askOne();
      assertThat(answer.outcome()).isEqualTo(Outcome.OK);
      assertThat(answer.usage()).isEqualTo(new Usage(2, 0, 1, true));
      assertThat(answer.usd()).isEqualTo(3e-6);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"length", "content_filter"})
  @FaultCase(15)
  void aPaidAnswerThatWouldNotGetBetterIsNotBoughtAgain(String finishReason) throws IOException {
    try (ClientFixture f = new ClientFixture(call -> Reply.text(call, "half", finishReason))) {
      LedgerRecord answer = f.askOne();
      assertThat(answer.outcome()).isEqualTo(Outcome.TERMINAL_PAID);
      assertThat(answer.finishReason()).isEqualTo(finishReason);
      assertThat(answer.text()).isEqualTo("half");
      assertThat(f.calls()).hasSize(1);
    }
  }

  @Test
  @FaultCase(17)
  void aPromptCutSilentlyIsWarnedOfOnce() throws IOException {
    String reply =
        "{\"choices\":[{\"text\":\"x\"}],\"usage\":{\"prompt_tokens\":40,\"completion_tokens\":1}}";
    try (ClientFixture f = new ClientFixture(call -> Reply.of(200, reply))) {
      f.ask(1);
      assertThat(f.warnings).isEmpty();
      LlmRequest longer =
          LlmRequest.ofPrompt("s", 0, 0, 0, "m", "word ".repeat(900), ClientFixture.DECODING);
      f.client.ask(List.of(longer, longer).iterator()).forEachRemaining(a -> {});
      assertThat(f.warnings)
          .singleElement()
          .asString()
          .startsWith("the server counts 40 tokens for a prompt of 4500 bytes")
          .doesNotContain("word");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"test", "Ollama"})
  void aWordThatLocalServersTakeForAKeyIsNotBlackedOutOfAnswers(String key) throws IOException {
    Credentials word = Credentials.fromEnvironment("K", Map.of("K", key));
    try (ClientFixture f =
        new ClientFixture(call -> Reply.text(call, "a " + key), stack -> stack.credentials(word))) {
      assertThat(f.askOne().text()).isEqualTo("a " + key);
    }
  }

  @Test
  void anAddressWhereNothingListensIsToldAfterFewTries() throws IOException {
    ScriptedServer gone = ScriptedServer.start(call -> Reply.text(call, "x"));
    gone.close();
    try (ClientFixture f = new ClientFixture(call -> Reply.text(call, "x"));
        ModelClient client =
            ClientStack.of(
                    new Endpoint(gone.baseUrl(), Dialect.COMPLETIONS, Capabilities.plain()),
                    f.ledger)
                .inFlight(2)
                .schedule(f.schedule)
                .build()) {
      assertThatThrownBy(() -> client.ask(ClientFixture.requests(99).iterator()).hasNext())
          .isInstanceOf(CriaException.class)
          .hasMessageMatching(
              "POST "
                  + gone.baseUrl()
                  + "/completions failed, nothing answers there \\(no connection: .*refused\\):"
                  + " start the server or correct endpoint.baseUrl");
      assertThat(f.store.records())
          .hasSizeBetween(HealthStep.TRIES, 2 * HealthStep.TRIES)
          .noneMatch(LedgerRecord::suspectedPaid);
    }
  }

  @Test
  @FaultCase(29)
  void theKeyAppearsNowhere() throws IOException {
    Credentials key = Credentials.fromEnvironment("MY_KEY", Map.of("MY_KEY", CANARY + "\n"));
    ScriptedServer.Script echo =
        call -> {
          String header = call.headers().getOrDefault("authorization", "none");
          Reply reply =
              call.number() == 5
                  ? Reply.error(401, "x", "y", "wrong: " + header + " or sk-abcdef123456 ")
                  : Reply.text(call, "you sent " + header);
          return reply.withHeader("x-request-id", "id-" + header);
        };
    try (ClientFixture f = new ClientFixture(echo, stack -> stack.credentials(key).inFlight(1))) {
      assertThatThrownBy(() -> f.ask(9))
          .hasMessageContaining("401: wrong: [redacted] or [redacted]: give a key")
          .hasMessageContaining("(now: environment variable MY_KEY)")
          .hasMessageNotContaining(CANARY);
      assertThat(f.calls())
          .allMatch(call -> ("Bearer " + CANARY).equals(call.headers().get("authorization")));
      assertThat(f.store.text()).contains("you sent Bearer [redacted]").doesNotContain(CANARY);
      assertThat(key.toString()).isEqualTo("Credentials[environment variable MY_KEY]");
    }
  }

  @Test
  void keysThatAreNoneAreRefusedWithoutBeingShown(@TempDir Path folder) throws IOException {
    assertThatThrownBy(() -> Credentials.fromEnvironment("MY_KEY", Map.of()))
        .hasMessage("no key for the endpoint, environment variable MY_KEY is not set: export it")
        .extracting(e -> ((CriaException) e).exitCode())
        .isEqualTo(ExitCode.ENDPOINT);
    Path two = Files.writeString(folder.resolve("two"), CANARY + "\nx");
    assertThatThrownBy(() -> Credentials.fromFile(two))
        .hasMessageStartingWith("no key for the endpoint, file " + two + " holds none that can be")
        .hasMessageNotContaining(CANARY);
    assertThatThrownBy(() -> Credentials.fromFile(folder.resolve("none")))
        .hasMessageMatching(
            "no key for the endpoint, file .*/none cannot be read: make it readable");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ftp://h/v1",
        "127.0.0.1:80/v1",
        "http://u:p@h/v1",
        "http://h/v1?key=k",
        "http:///v1"
      })
  void anAddressThatIsNonePlainIsRefusedWithoutBeingShown(String address) {
    assertThatThrownBy(() -> new Endpoint(address, Dialect.CHAT, Capabilities.plain()))
        .isInstanceOf(CriaException.class)
        .hasMessageContaining("endpoint.baseUrl")
        .hasMessageNotContaining(address);
  }

  @Test
  void theServerCountsWhatItReadAndSpeaksBothDialects() throws IOException {
    try (ClientFixture f = new ClientFixture(call -> Reply.text(call, "x"))) {
      f.ask(3);
      f.ask(2);
      assertThat(f.server.callsByBody().values()).containsExactlyInAnyOrder(2, 2, 1);
      assertThat(URI.create(f.server.baseUrl()).getHost()).isEqualTo("127.0.0.1");
    }
  }
}
