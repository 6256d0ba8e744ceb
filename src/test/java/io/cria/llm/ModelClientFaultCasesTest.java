package io.cria.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.llm.fake.MemoryStore;
import io.cria.llm.fake.Reply;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.testing.FaultCase;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Faults that show only between several clients, under load or by the clock. */
class ModelClientFaultCasesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** Waits for what another thread does soon. */
  private static void until(BooleanSupplier condition) {
    Instant end = Instant.now().plus(PATIENCE);
    while (!condition.getAsBoolean()) {
      assertThat(Instant.now()).as("what is waited for does not come").isBefore(end);
      Thread.onSpinWait();
    }
  }

  private static List<LedgerRecord> all(ModelClient client, int count) {
    List<LedgerRecord> answers = new ArrayList<>();
    client.ask(ClientFixture.requests(count).iterator()).forEachRemaining(answers::add);
    return answers;
  }

  @ParameterizedTest
  @CsvSource({
    "Retry-After, 7, 7000",
    "Retry-After, 'Fri, 02 Jan 2026 03:04:35 GMT', 30000",
    "retry-after-ms, 1250, 1250",
    "x-ratelimit-reset-requests, 20ms, 20",
    "x-ratelimit-reset-tokens, 1m0.5s, 60500",
  })
  @FaultCase(1)
  void aPauseThatOneClientIsToldHoldsAllClientsOfTheProcessBackAndUsesNoAttempt(
      String header, String value, long millis) throws IOException {
    ManualSchedule schedule = new ManualSchedule();
    EndpointHealth health = EndpointHealth.of(8, schedule, () -> 0.5);
    AtomicInteger polls = new AtomicInteger();
    try (ClientFixture f =
            new ClientFixture(
                call ->
                    call.number() == 1
                        ? Reply.of(429, "").withHeader(header, value)
                        : Reply.text(call, "x"),
                stack ->
                    stack
                        .schedule(schedule)
                        .jitter(() -> 0)
                        .health(health)
                        .rules(RetryRules.standard().withAttempts(1)));
        ModelClient other =
            ClientStack.of(
                    new Endpoint(f.server.baseUrl(), Dialect.COMPLETIONS, Capabilities.plain()),
                    f.ledger)
                .schedule(schedule)
                .health(health)
                .stopRequested(() -> polls.incrementAndGet() < 0)
                .build()) {
      Instant told = schedule.now();
      CompletableFuture<List<LedgerRecord>> refused = CompletableFuture.supplyAsync(() -> f.ask(1));
      until(() -> !health.pauses().remaining(schedule).isZero());
      CompletableFuture<List<LedgerRecord>> others =
          CompletableFuture.supplyAsync(() -> all(other, 3));
      until(() -> polls.get() > 4);
      assertThat(health.window().inFlight()).isEqualTo(4);
      schedule.pass(Duration.ofMillis(millis - 1));
      assertThat(f.calls()).as("nobody asks before the pause has ended").hasSize(1);

      schedule.pass(Duration.ofMillis(1));
      List<LedgerRecord> answers = new ArrayList<>(others.join());
      assertThat(answers).hasSize(3).allMatch(answer -> answer.attempt() == 1);
      answers.addAll(refused.join());
      assertThat(answers)
          .allMatch(answer -> answer.outcome() == Outcome.OK)
          .allMatch(answer -> answer.sentAt().equals(told.plusMillis(millis)));
      assertThat(f.outcomes()).containsOnlyOnce(Outcome.RETRY_RATE).doesNotContain(Outcome.FAILED);
    }
  }

  @Test
  @FaultCase(4)
  void aSpendLimitToldAsARateLimitStopsTheJobAndKeepsWhatWasOnItsWay() throws IOException {
    CountDownLatch refused = new CountDownLatch(1);
    try (ClientFixture f =
        new ClientFixture(
            call -> {
              if (call.number() == 4) {
                refused.countDown();
                return Reply.of(
                    429,
                    "{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":"
                        + "\"This workspace has reached its limit\",\"details\":"
                        + "{\"error_code\":\"enforced_spend_limit_reached\"}}}");
              }
              awaited(refused);
              return Reply.text(call, "x").withDelay(Duration.ofMillis(30));
            },
            stack -> stack.inFlight(4))) {
      assertThatThrownBy(() -> f.ask(500))
          .isInstanceOf(CriaException.class)
          .hasMessageContaining("This workspace has reached its limit")
          .hasMessageContaining("see to credit and limits of the account")
          .extracting(e -> ((CriaException) e).exitCode())
          .isEqualTo(ExitCode.ENDPOINT);
      assertThat(f.calls()).as("no retry, and little after it").hasSizeBetween(4, 8);
      assertThat(f.outcomes())
          .containsOnly(Outcome.OK, Outcome.STOP_JOB)
          .containsOnlyOnce(Outcome.STOP_JOB)
          .hasSize(f.calls().size());
    }
  }

  private static void awaited(CountDownLatch latch) {
    try {
      assertThat(latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          400 | {"error":{"message":"This model's maximum context length is 8192 tokens.","type":"invalid_request_error","code":"context_length_exceeded"}}
          400 | {"object":"error","message":"This model's maximum context length is 8192 tokens.","type":"BadRequestError","param":null,"code":400}
          400 | {"error":{"message":"This model's maximum context length is 8192 tokens.","type":"BadRequestError","param":null,"code":400}}
          400 | {"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error","n_ctx":8192}}
          500 | {"error":{"code":500,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}}
          500 | {"error":{"code":500,"message":"the request exceeds the available context size","type":"server_error"}}
          """)
  @FaultCase(7)
  void aPromptTooLongIsSentOnceAndRejectedInTheServersWordsWhileTheOthersGoOn(
      int status, String body) throws IOException {
    try (ClientFixture f =
        new ClientFixture(
            call ->
                call.promptText().equals("prompt 3")
                    ? Reply.of(status, body)
                    : Reply.text(call, "x"))) {
      List<LedgerRecord> answers = f.ask(12);
      assertThat(answers).hasSize(12);
      assertThat(answers)
          .filteredOn(answer -> answer.outcome() != Outcome.OK)
          .singleElement()
          .satisfies(
              rejected -> {
                assertThat(rejected.row()).isEqualTo(3);
                assertThat(rejected.outcome()).isEqualTo(Outcome.REJECT_ROW);
                assertThat(rejected.error()).startsWith(status + ": ").contains("context");
                assertThat(rejected.body()).isEqualTo(body);
              });
      assertThat(f.calls()).hasSize(12);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  @FaultCase(12)
  void aTrickleIsCutOffAtTheDeadlineAndItsConnectionClosed(int number) throws IOException {
    Duration deadline = Duration.ofMillis(700);
    try (ClientFixture f =
        new ClientFixture(
            call ->
                call.number() == number
                    ? Reply.text(call, "x")
                        .withFault(Reply.Fault.TRICKLE)
                        .withDelay(Duration.ofMillis(200))
                    : Reply.text(call, "x"),
            stack ->
                stack
                    .inFlight(1)
                    .schedule(Schedule.system())
                    .rules(RetryRules.standard().withAttemptTimeout(deadline)))) {
      assertThat(f.ask(4)).hasSize(4).allMatch(answer -> answer.outcome() == Outcome.OK);
      LedgerRecord cut = f.store.records().get(number - 1);
      assertThat(cut.outcome()).isEqualTo(Outcome.RETRY_TRANSIENT);
      assertThat(cut.error()).isEqualTo("no whole answer within 700 ms");
      assertThat(cut.suspectedPaid()).isTrue();
      assertThat(cut.latencyMs())
          .as("bytes that keep coming do not move the deadline: the whole answer takes 30 s")
          .isBetween(deadline.toMillis() - 100, deadline.toMillis() + 2_000);
      until(() -> f.server.connectionsOpen() < f.server.connectionsAccepted());
    }
  }

  /** Cria asks for every sample by a request of its own: no server can give fewer in silence. */
  @Test
  @FaultCase(16)
  void ofFiveSamplesThreeAreAnsweredAndTheShortageIsRecorded() throws IOException {
    List<LlmRequest> samples = new ArrayList<>();
    for (int sample = 0; sample < 5; sample++) {
      samples.add(
          LlmRequest.ofPrompt("generate", 0, 0, sample, "m", "one", ClientFixture.DECODING));
    }
    assertThat(samples).extracting(LlmRequest::requestKey).doesNotHaveDuplicates();
    try (ClientFixture f =
        new ClientFixture(
            call ->
                call.timesSeen() > 3
                    ? Reply.error(400, "x", "content_filter", "no more of these")
                    : Reply.text(call, "answer " + call.timesSeen()))) {
      List<LedgerRecord> answers = new ArrayList<>();
      f.client.ask(samples.iterator()).forEachRemaining(answers::add);
      assertThat(answers)
          .extracting(LedgerRecord::requestKey)
          .containsExactlyInAnyOrderElementsOf(
              samples.stream().map(LlmRequest::requestKey).toList());
      assertThat(answers)
          .filteredOn(answer -> answer.outcome() == Outcome.OK)
          .extracting(LedgerRecord::text)
          .containsExactlyInAnyOrder("answer 1", "answer 2", "answer 3");
      assertThat(f.store.records())
          .filteredOn(record -> record.outcome() == Outcome.REJECT_ROW)
          .hasSize(2)
          .allMatch(record -> "400: no more of these".equals(record.error()));
      assertThat(f.calls()).hasSize(5).noneMatch(call -> call.body().has("n"));
    }
  }

  /** Resets are the network's doing: what makes room for the server is refusals alone. */
  @ParameterizedTest
  @ValueSource(ints = {16, 48})
  @FaultCase(18)
  void resetsOfOneConnectionInTwentyLeaveTheWindowWhole(int window) throws IOException {
    int quiet = 400;
    CountDownLatch full = new CountDownLatch(window);
    try (ClientFixture f =
        new ClientFixture(
            call -> {
              if (call.number() <= quiet) {
                return call.number() % 20 == 7
                    ? Reply.text(call, "x").withFault(Reply.Fault.RESET)
                    : Reply.text(call, "x");
              }
              full.countDown();
              awaited(full);
              return Reply.text(call, "x");
            },
            stack -> stack.inFlight(window))) {
      List<LedgerRecord> answers = f.ask(quiet + 3 * window);
      assertThat(full.getCount()).as("so many were asked at once after the resets").isZero();
      assertThat(answers)
          .hasSize(quiet + 3 * window)
          .allMatch(answer -> answer.outcome() == Outcome.OK);
      assertThat(f.store.records()).filteredOn(LedgerRecord::suspectedPaid).hasSize(quiet / 20);
    }
  }

  @Test
  @FaultCase(22)
  void aLedgerThatCannotBeBegunStopsAdmissionAndGivesNoAnswerOut() throws IOException {
    MemoryStore store = new MemoryStore();
    store.fullAfter(0);
    try (ClientFixture f =
        new ClientFixture(
            call -> Reply.text(call, "x"),
            stack -> stack.inFlight(4),
            store,
            FakeSchedule.jumping())) {
      List<LedgerRecord> answers = new ArrayList<>();
      var iterator = f.client.ask(ClientFixture.requests(1_000).iterator());
      assertThatThrownBy(() -> iterator.forEachRemaining(answers::add))
          .isInstanceOf(CriaException.class)
          .hasMessageStartingWith("cannot write the ledger, segment ");
      assertThat(answers).isEmpty();
      assertThat(f.calls()).hasSizeLessThanOrEqualTo(8);
      assertThat(f.client.stopReason()).isEqualTo(StopReason.FAULT);
    }
  }
}
