package io.cria.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.llm.fake.MemoryStore;
import io.cria.llm.fake.Reply;
import io.cria.task.Amount;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.Message;
import io.cria.testing.FaultCase;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Admission, ledger, caps and stops, where the server answers well. */
class ModelClientTest {
  @Test
  void everyRequestIsAskedOnceAndIsDurableBeforeItIsSeen() throws IOException {
    try (ClientFixture f = new ClientFixture(call -> Reply.text(call, "to " + call.promptText()))) {
      List<LedgerRecord> answers = new ArrayList<>();
      Iterator<LedgerRecord> iterator = f.client.ask(ClientFixture.requests(200).iterator());
      while (iterator.hasNext()) {
        LedgerRecord answer = iterator.next();
        if (answer.row() % 20 == 0) {
          assertThat(f.store.records()).contains(answer);
        }
        answers.add(answer);
      }
      assertThat(f.server.callsByBody()).hasSize(200);
      assertThat(f.calls()).hasSize(200);
      assertThat(f.server.connectionsAccepted()).isLessThan(40);
      assertThat(answers).hasSize(200).allMatch(answer -> answer.attempt() == 1);
      assertThat(answers)
          .allSatisfy(answer -> assertThat(answer.text()).isEqualTo("to prompt " + answer.row()));
      assertThat(f.store.records()).containsExactlyInAnyOrderElementsOf(answers);
      assertThat(f.client.stopReason()).isEqualTo(StopReason.NONE);
    }
  }

  @Test
  void anAnswersColumnsAreFilled() throws IOException {
    Prices prices =
        Prices.parse("prices: [{model: m, from: 2020-01-01, input: 1, output: 10}]", "p");
    try (ClientFixture f =
        new ClientFixture(
            call -> Reply.text(call, "one two").withHeader("X-Request-Id", "r-7"),
            stack -> stack.prices(prices).nextAttempt(key -> 4))) {
      LedgerRecord answer = f.askOne();
      assertThat(answer)
          .isEqualTo(
              new LedgerRecord(
                  ClientFixture.request(0).requestKey(),
                  4,
                  "generate",
                  0,
                  0,
                  Outcome.OK,
                  200,
                  "stop",
                  answer.body(),
                  "one two",
                  new Usage(2, 0, 2, false),
                  "m",
                  22e-6,
                  "r-7",
                  f.schedule.now(),
                  0,
                  "host-1",
                  false,
                  null,
                  null));
      assertThat(answer.body()).contains("\"choices\"");
      assertThat(answer.answerId()).isEqualTo(answer.requestKey() + ".4");
    }
  }

  @Test
  void chatIsSpokenWhereTheEndpointSpeaksIt() throws IOException {
    try (ClientFixture f = new ClientFixture(call -> Reply.text(call, call.path()));
        ModelClient chat =
            ClientStack.of(
                    new Endpoint(f.server.baseUrl() + "/", Dialect.CHAT, Capabilities.openAi()),
                    f.ledger)
                .build()) {
      LlmRequest request =
          LlmRequest.ofMessages(
              "s", 0, 0, 0, "m", List.of(new Message("user", "u")), ClientFixture.DECODING);
      assertThat(chat.ask(List.of(request).iterator()).next().text())
          .isEqualTo("/v1/chat/completions");
    }
  }

  @Test
  void requestsAreTakenLazilyAndTheWindowHolds() throws IOException {
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger taken = new AtomicInteger();
    EndpointHealth health = EndpointHealth.of(3);
    Window window = health.window();
    try (ClientFixture f =
            new ClientFixture(
                call -> {
                  most.accumulateAndGet(now.incrementAndGet(), Math::max);
                  LockSupport.parkNanos(2_000_000);
                  now.decrementAndGet();
                  return Reply.text(call, "x");
                },
                stack -> stack.health(health));
        ModelClient other =
            ClientStack.of(
                    new Endpoint(f.server.baseUrl(), Dialect.COMPLETIONS, Capabilities.plain()),
                    f.ledger)
                .health(health)
                .build()) {
      Iterator<LlmRequest> counted =
          ClientFixture.requests(40).stream().peek(r -> taken.incrementAndGet()).iterator();
      Iterator<LedgerRecord> mine = f.client.ask(counted);
      Iterator<LedgerRecord> others = other.ask(ClientFixture.requests(40).iterator());
      mine.next();
      assertThat(taken.get()).isLessThanOrEqualTo(1 + 2 * window.size());
      List<LedgerRecord> answers = new ArrayList<>();
      others.forEachRemaining(answers::add);
      mine.forEachRemaining(answers::add);
      assertThat(answers).hasSize(79);
      assertThat(most.get()).isLessThanOrEqualTo(3);
      for (int permit = 0; permit < window.size(); permit++) {
        assertThat(window.tryAcquire()).isTrue();
      }
    }
  }

  @Test
  void theRequestCapCountsEveryAttemptAndEndsTheIterator() throws IOException {
    Budget cap = Budget.of(new Amount(10, Amount.NO_BOUND, Amount.NO_BOUND));
    try (ClientFixture f =
        new ClientFixture(
            call ->
                call.promptText().equals("prompt 0") && call.timesSeen() == 1
                    ? Reply.of(503, "")
                    : Reply.text(call, "x"),
            stack -> stack.budget(cap).inFlight(2))) {
      List<LedgerRecord> answers = f.ask(50);
      assertThat(f.client.stopReason()).isEqualTo(StopReason.CAP_REACHED);
      assertThat(f.calls()).hasSize(10);
      assertThat(f.store.records()).hasSize(10);
      assertThat(answers).hasSize(9);
      assertThat(cap.reserve(new Amount(1, 1, 0))).isCompletedWithValue(false);
    }
  }

  @FaultCase(27)
  @Test
  void aBudgetWithManyInFlightIsNeverExceededAndWhatWasPaidIsKept() throws IOException {
    // prompts of 9 or so bytes and 16 for the frame, 16 for the answer: some 41 tokens at worst
    long cap = 4_000;
    Budget budget = Budget.of(new Amount(Amount.NO_BOUND, cap, Amount.NO_BOUND));
    AtomicLong billed = new AtomicLong();
    try (ClientFixture f =
        new ClientFixture(
            call -> {
              // as many words as the server counts tokens
              billed.addAndGet(call.promptText().split(" ").length + 9L);
              assertThat(billed.get()).isLessThanOrEqualTo(cap);
              return Reply.text(call, "one two three four five six seven eight nine");
            },
            stack -> stack.budget(budget).inFlight(64))) {
      List<LedgerRecord> answers = f.ask(2_000);
      assertThat(f.client.stopReason()).isEqualTo(StopReason.CAP_REACHED);
      assertThat(f.store.records()).containsExactlyInAnyOrderElementsOf(answers);
      long told = 0;
      for (LedgerRecord answer : answers) {
        Usage usage = Objects.requireNonNull(answer.usage());
        told += usage.prompt() + usage.completion();
      }
      assertThat(told).isEqualTo(billed.get()).isLessThanOrEqualTo(cap).isGreaterThan(cap - 50);
    }
  }

  @Test
  void whenAskedToStopWhatIsOnItsWayIsKeptAndNothingMoreIsSent() throws IOException {
    AtomicBoolean stop = new AtomicBoolean();
    try (ClientFixture f =
        new ClientFixture(
            call -> Reply.text(call, "x"), stack -> stack.stopRequested(stop::get).inFlight(4))) {
      Iterator<LedgerRecord> iterator = f.client.ask(ClientFixture.requests(500).iterator());
      List<LedgerRecord> answers = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        answers.add(iterator.next());
      }
      stop.set(true);
      iterator.forEachRemaining(answers::add);
      assertThat(f.client.stopReason()).isEqualTo(StopReason.REQUESTED);
      assertThat(f.calls()).hasSizeLessThan(20).hasSize(answers.size());
      assertThat(f.store.records()).containsExactlyInAnyOrderElementsOf(answers);
    }
  }

  @Test
  void aStopEndsWaitsForAnotherAttempt() throws IOException {
    FakeSchedule held = FakeSchedule.held();
    Duration asked = Duration.ofSeconds(60);
    try (ClientFixture f =
        new ClientFixture(
            call -> Reply.of(503, "").withHeader("Retry-After", "60"),
            stack -> stack.stopRequested(() -> held.waits().contains(asked)).inFlight(3),
            new MemoryStore(),
            held)) {
      assertThat(f.ask(3)).isEmpty();
      assertThat(f.client.stopReason()).isEqualTo(StopReason.REQUESTED);
      assertThat(f.outcomes()).hasSizeBetween(1, 3).containsOnly(Outcome.RETRY_TRANSIENT);
    }
  }

  @Test
  void anInterruptStopsDrainsAndStaysSet() throws IOException {
    try (ClientFixture f = new ClientFixture(call -> Reply.text(call, "x"))) {
      Iterator<LedgerRecord> iterator = f.client.ask(ClientFixture.requests(500).iterator());
      List<LedgerRecord> answers = new ArrayList<>(List.of(iterator.next()));
      Thread.currentThread().interrupt();
      iterator.forEachRemaining(answers::add);
      assertThat(Thread.interrupted()).isTrue();
      assertThat(f.client.stopReason()).isEqualTo(StopReason.REQUESTED);
      assertThat(answers).hasSizeLessThan(100);
      assertThat(f.store.records()).containsExactlyInAnyOrderElementsOf(answers);
    }
  }

  @Test
  void theDrainTimeBoundsWhatAHangingServerCosts() throws IOException {
    AtomicBoolean stop = new AtomicBoolean();
    try (ClientFixture f =
        new ClientFixture(
            call -> {
              stop.set(true);
              return Reply.of(200, "").withFault(Reply.Fault.HANG);
            },
            stack ->
                stack
                    .stopRequested(stop::get)
                    .rules(RetryRules.standard().withDrainTimeout(Duration.ofMillis(100))))) {
      assertThat(f.ask(1)).isEmpty();
      assertThat(f.store.records())
          .singleElement()
          .satisfies(
              record -> {
                assertThat(record.suspectedPaid()).isTrue();
                assertThat(record.error()).isEqualTo("cancelled: the client is stopping");
              });
    }
  }

  @Test
  void whatIsOnItsWayIsGivenUpBeforeTheDrainTimeWhereNoneIsLeft() throws IOException {
    AtomicBoolean stop = new AtomicBoolean();
    try (ClientFixture f =
        new ClientFixture(
            call -> {
              stop.set(true);
              return Reply.of(200, "").withFault(Reply.Fault.HANG);
            },
            stack ->
                stack
                    .stopRequested(stop::get)
                    .giveUp(stop::get)
                    .rules(RetryRules.standard().withDrainTimeout(Duration.ofHours(1))))) {
      assertThat(f.ask(1)).isEmpty();
      assertThat(f.store.records())
          .singleElement()
          .extracting(LedgerRecord::error)
          .isEqualTo("cancelled: the client is stopping");
    }
  }

  @Test
  void closingInTheMiddleKeepsWhatIsOnItsWay() throws IOException {
    try (ClientFixture f =
        new ClientFixture(call -> Reply.text(call, "x").withDelay(Duration.ofMillis(20)))) {
      f.client.ask(ClientFixture.requests(100).iterator()).next();
      f.client.close();
      assertThat(f.store.records()).hasSize(f.calls().size());
      assertThat(f.client.stopReason()).isEqualTo(StopReason.CLOSED);
    }
  }

  @Test
  @FaultCase(23)
  void whereSyncDoesNotKeepAnswersAreSeenOnlyOnceTheirSegmentIsClosed() throws IOException {
    MemoryStore store = new MemoryStore(false);
    try (ClientFixture f =
        new ClientFixture(
            call -> Reply.text(call, "x"), stack -> stack, store, FakeSchedule.jumping())) {
      Iterator<LedgerRecord> iterator = f.client.ask(ClientFixture.requests(60).iterator());
      int seen = 0;
      while (iterator.hasNext()) {
        assertThat(store.records()).contains(iterator.next());
        seen++;
      }
      assertThat(seen).isEqualTo(60);
    }
  }

  @Test
  @FaultCase(22)
  void aFullStoreEndsAdmissionAndReleasesNothingUncommitted() throws IOException {
    MemoryStore store = new MemoryStore();
    store.fullAfter(20_000);
    try (ClientFixture f =
        new ClientFixture(
            call -> Reply.text(call, "x"), stack -> stack, store, FakeSchedule.jumping())) {
      List<LedgerRecord> answers = new ArrayList<>();
      Iterator<LedgerRecord> iterator = f.client.ask(ClientFixture.requests(1_000).iterator());
      assertThatThrownBy(() -> iterator.forEachRemaining(answers::add))
          .isInstanceOf(CriaException.class)
          .hasMessageContaining("No space left on device")
          .extracting(e -> ((CriaException) e).exitCode())
          .isEqualTo(ExitCode.FAULT);
      assertThat(f.client.stopReason()).isEqualTo(StopReason.FAULT);
      assertThat(answers).isNotEmpty();
      assertThat(store.records()).containsAll(answers);
      assertThat(f.calls()).hasSizeLessThan(100);
    }
  }

  @Test
  void whatGoesWrongInJudgingAnAnswerIsToldAndHangsNobody() throws IOException {
    EndpointHealth health = EndpointHealth.of(2);
    try (ClientFixture f =
        new ClientFixture(
            call -> Reply.text(call, "x"),
            stack ->
                stack
                    .health(health)
                    .usable(
                        record -> {
                          throw new StackOverflowError("by the recipe's parser");
                        }))) {
      assertThatThrownBy(() -> f.ask(5))
          .isInstanceOf(CriaException.class)
          .hasMessageContaining("the model client failed: java.lang.StackOverflowError: by the")
          .extracting(e -> ((CriaException) e).exitCode())
          .isEqualTo(ExitCode.FAULT);
      assertThat(f.outcomes()).contains(Outcome.OK);
      assertThat(health.window().inFlight()).isZero();
    }
  }

  @Test
  void anErrorBeforeARequestIsSentLeavesNoPermitTaken() throws IOException {
    EndpointHealth health = EndpointHealth.of(2);
    try (ClientFixture f =
        new ClientFixture(
            call -> Reply.text(call, "x"),
            stack ->
                stack
                    .health(health)
                    .nextAttempt(
                        key -> {
                          throw new OutOfMemoryError("told by the test");
                        }))) {
      assertThatThrownBy(() -> f.ask(5)).isInstanceOf(OutOfMemoryError.class);
      assertThatThrownBy(
              () ->
                  f.client
                      .ask(
                          Stream.<LlmRequest>generate(
                                  () -> {
                                    throw new AssertionError("told by the test");
                                  })
                              .iterator())
                      .hasNext())
          .isInstanceOf(AssertionError.class);
      assertThat(health.window().inFlight()).isZero();
    }
  }

  @Test
  void aFailingIteratorOfRequestsIsPassedOnAndLeavesNoPermitTaken() throws IOException {
    try (ClientFixture f =
        new ClientFixture(call -> Reply.text(call, "x"), stack -> stack.inFlight(1))) {
      Iterator<LlmRequest> broken =
          List.of(1).stream()
              .<LlmRequest>map(
                  n -> {
                    throw new IllegalStateException("upstream");
                  })
              .iterator();
      assertThatThrownBy(() -> f.client.ask(broken).hasNext()).hasMessage("upstream");
      assertThat(f.ask(3)).hasSize(3);
    }
  }

  @Test
  void anEndpointThatRefusesEveryRequestStopsTheJob() throws IOException {
    try (ClientFixture f =
        new ClientFixture(call -> Reply.error(400, "invalid_request_error", "odd", "no"), s -> s)) {
      Iterator<LedgerRecord> answers = f.client.ask(ClientFixture.requests(1_000).iterator());
      assertThatThrownBy(() -> answers.forEachRemaining(answer -> {}))
          .isInstanceOfSatisfying(
              CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.ENDPOINT));
      assertThat(f.calls()).hasSizeLessThan(100);
    }
  }

  @Test
  void aRequestIsAskedInTheDialectItWasPlannedInWhateverTheEndpointSpeaksNow() throws IOException {
    try (ClientFixture f = new ClientFixture(call -> Reply.text(call, "x"), stack -> stack)) {
      LlmRequest chat =
          LlmRequest.ofMessages(
              "s", 0, 0, 0, "m", List.of(new Message("user", "u")), ClientFixture.DECODING);
      LedgerRecord answer = f.client.ask(List.of(chat).iterator()).next();
      assertThat(answer.outcome()).isEqualTo(Outcome.OK);
      assertThat(answer.text()).isEqualTo("x");
      assertThat(f.calls()).singleElement().asString().contains("/chat/completions");
    }
  }
}
