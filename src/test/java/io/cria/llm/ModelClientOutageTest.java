package io.cria.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.llm.fake.MemoryStore;
import io.cria.llm.fake.Reply;
import io.cria.llm.fake.ScriptedServer;
import io.cria.task.Amount;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.testing.FaultCase;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that is down for a while, or for good. */
class ModelClientOutageTest {
  private final FakeSchedule schedule = FakeSchedule.jumping();
  private final Instant beginning = schedule.now();

  /** After so many good answers the server says 503 for so many seconds of the fake clock. */
  private ClientFixture down(int afterCalls, int seconds, UnaryOperator<ClientStack> settings) {
    Instant recovery = beginning.plusSeconds(seconds);
    ClientFixture f =
        new ClientFixture(
            call ->
                call.number() > afterCalls && schedule.now().isBefore(recovery)
                    ? Reply.of(503, "loading the model")
                    : Reply.text(call, "x"),
            settings,
            new MemoryStore(),
            schedule);
    f.models.set(503);
    return f;
  }

  private static void until(CountDownLatch event) {
    try {
      assertThat(event.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static RetryRules rules() {
    return RetryRules.standard();
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "0, 8", "200, 8"})
  @FaultCase(10)
  void fifteenSecondsCostFewAttemptsAndNoRequestUsesUpItsOwn(int after, int attempts)
      throws IOException {
    try (ClientFixture f =
        down(after, 15, stack -> stack.inFlight(128).rules(rules().withAttempts(attempts)))) {
      List<LedgerRecord> answers = f.ask(600);
      assertThat(answers).hasSize(600).allMatch(answer -> answer.outcome() == Outcome.OK);
      assertThat(f.outcomes()).containsOnly(Outcome.OK, Outcome.RETRY_TRANSIENT);
      assertThat(f.outcomes().stream().filter(outcome -> outcome != Outcome.OK).count())
          .isBetween(4L, 250L);
      Instant firstAfter =
          answers.stream()
              .map(LedgerRecord::sentAt)
              .filter(sent -> !sent.isBefore(beginning.plusSeconds(15)))
              .min(Instant::compareTo)
              .orElseThrow();
      assertThat(firstAfter).isBefore(beginning.plusSeconds(15 + 6));
    }
  }

  @Test
  void anOutageLongerThanTheTotalTimeFailsNoRow() throws IOException {
    try (ClientFixture f =
        down(
            0,
            120,
            stack -> stack.inFlight(16).rules(rules().withTotalTimeout(Duration.ofSeconds(10))))) {
      assertThat(f.ask(40)).hasSize(40).allMatch(answer -> answer.outcome() == Outcome.OK);
    }
  }

  @Test
  void noRequestIsGivenUpForItsTimeWhileTheServerSaysThatItIsDown() throws IOException {
    CountDownLatch failures = new CountDownLatch(30);
    try (ClientFixture f =
        new ClientFixture(
            call -> {
              if (!Set.of("prompt 5", "prompt 6", "prompt 7").contains(call.promptText())) {
                // Five that are open and not answered, so that the other three make no outage.
                until(failures);
                return Reply.text(call, "x");
              }
              failures.countDown();
              return failures.getCount() > 0
                  ? Reply.of(503, "loading the model")
                  : Reply.text(call, "x");
            },
            stack -> stack.inFlight(8).rules(rules().withTotalTimeout(Duration.ofSeconds(10))),
            new MemoryStore(),
            schedule)) {
      f.models.set(503);
      assertThat(f.ask(8)).hasSize(8).allMatch(answer -> answer.outcome() == Outcome.OK);
      assertThat(schedule.now()).isAfter(beginning.plusSeconds(20));
    }
  }

  @Test
  void anOutageWithoutEndStopsTheJobAndLeavesNoRequestTerminal() throws IOException {
    EndpointHealth health = EndpointHealth.of(32, schedule, () -> 0.5);
    try (ClientFixture f =
        down(
            20,
            1_000_000,
            stack ->
                stack
                    .health(health)
                    .rules(rules().withAttempts(2).withOutageTimeout(Duration.ofSeconds(20))))) {
      assertThatThrownBy(() -> f.ask(500))
          .isInstanceOf(CriaException.class)
          .hasMessageMatching(
              "POST \\S+/completions is down since 2026-01-02T03:04:\\d\\dZ, 503: loading the"
                  + " model: nothing is lost, see to the server, then give the same command"
                  + " again; where it fails for good on a few requests, --close-round does"
                  + " without them")
          .extracting(e -> ((CriaException) e).exitCode())
          .isEqualTo(ExitCode.ENDPOINT);
      assertThat(f.client.stopReason()).isEqualTo(StopReason.ENDPOINT);
      assertThat(f.store.records().stream().filter(r -> r.outcome().isTerminal()))
          .hasSize(20)
          .allMatch(record -> record.outcome() == Outcome.OK);
      assertThat(health.lastWords()).contains("503: loading the model");
      assertThat(health.downSince()).isPresent();
    }
  }

  @Test
  void withFewRequestsOpenAServerThatIsDownItselfIsAnOutage() throws IOException {
    try (ClientFixture f = down(0, 30, stack -> stack.inFlight(2).rules(rules().withAttempts(1)))) {
      assertThat(f.ask(2)).hasSize(2).allMatch(answer -> answer.outcome() == Outcome.OK);
    }
  }

  @Test
  void aRequestThatFailsAloneWhileTheServerIsUpUsesItsAttempts() throws IOException {
    EndpointHealth health = EndpointHealth.of(4);
    try (ClientFixture f =
        new ClientFixture(
            call ->
                call.promptText().equals("prompt 7") ? Reply.of(500, "") : Reply.text(call, "x"),
            stack -> stack.health(health).rules(rules().withAttempts(3)))) {
      List<LedgerRecord> answers = f.ask(40);
      assertThat(answers).hasSize(40);
      assertThat(answers)
          .filteredOn(answer -> answer.outcome() != Outcome.OK)
          .singleElement()
          .satisfies(
              failed -> {
                assertThat(failed.row()).isEqualTo(7);
                assertThat(failed.outcome()).isEqualTo(Outcome.FAILED);
                assertThat(failed.attempt()).isEqualTo(3);
              });
      assertThat(health.downSince()).isEmpty();
    }
  }

  private static void awaitAll(CountDownLatch latch) {
    try {
      if (!latch.await(30, TimeUnit.SECONDS)) {
        throw new IllegalStateException("the requests were never in flight together");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 30})
  void theLastRequestsOnWhichAServerThatIsUpFailsForGoodUseUpTheirAttempts(int others)
      throws IOException {
    EndpointHealth health = EndpointHealth.of(8, schedule, () -> 0.5);
    int count = others + 6;
    // time passes at once here: none may have waited for long before all six are on their way
    CountDownLatch failing = new CountDownLatch(6);
    try (ClientFixture f =
        new ClientFixture(
            call -> {
              if (Integer.parseInt(call.promptText().substring(7)) < others) {
                return Reply.text(call, "x");
              }
              failing.countDown();
              awaitAll(failing);
              return Reply.of(500, "");
            },
            stack ->
                stack
                    .health(health)
                    .rules(rules().withAttempts(3).withOutageTimeout(Duration.ofSeconds(20))),
            new MemoryStore(),
            schedule)) {
      List<LedgerRecord> answers = f.ask(count);
      assertThat(answers).hasSize(count);
      assertThat(answers)
          .filteredOn(answer -> answer.row() >= others)
          .hasSize(6)
          .allMatch(answer -> answer.outcome() == Outcome.FAILED)
          .allMatch(answer -> String.valueOf(answer.error()).startsWith("attempts used up"));
      assertThat(health.downSince()).isEmpty();
    }
  }

  @Test
  void clientsInTurnKnowOfTheOutageThatAnEarlierOneSaw() throws IOException {
    EndpointHealth health = EndpointHealth.of(6, schedule, () -> 0.5);
    AtomicBoolean up = new AtomicBoolean();
    ScriptedServer.Script script =
        call -> up.get() ? Reply.text(call, "x") : Reply.of(502, "bad gateway");
    Instant since;
    try (ClientFixture first =
        new ClientFixture(
            script,
            stack ->
                stack
                    .health(health)
                    .budget(Budget.of(new Amount(10, Amount.NO_BOUND, Amount.NO_BOUND))),
            new MemoryStore(),
            schedule)) {
      assertThat(first.ask(200)).isEmpty();
      since = health.downSince().orElseThrow();
    }
    try (ClientFixture second =
        new ClientFixture(
            call -> {
              up.set(call.number() > 3);
              return script.reply(call);
            },
            stack -> stack.health(health),
            new MemoryStore(),
            schedule)) {
      assertThat(health.downSince()).contains(since);
      assertThat(second.ask(200)).hasSize(200);
      assertThat(second.outcomes().stream().filter(o -> o == Outcome.RETRY_TRANSIENT)).hasSize(3);
      assertThat(health.downSince()).isEmpty();
    }
  }

  @Test
  void aStopEndsTheWaitForTheServer() throws IOException {
    EndpointHealth health = EndpointHealth.of(50, schedule, () -> 0.5);
    try (ClientFixture f =
        down(
            0,
            1_000_000,
            stack -> stack.health(health).stopRequested(() -> health.downSince().isPresent()))) {
      assertThat(f.ask(100)).isEmpty();
      assertThat(f.client.stopReason()).isEqualTo(StopReason.REQUESTED);
      assertThat(f.outcomes()).containsOnly(Outcome.RETRY_TRANSIENT);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void refusedConnectionsAreAnOutageOnceTheRunHasHadAnAnswer(boolean byThisProcess)
      throws IOException {
    ScriptedServer gone = ScriptedServer.start(call -> Reply.text(call, "x"));
    EndpointHealth health = EndpointHealth.of(8, schedule, () -> 0.5);
    try (ClientFixture f =
            new ClientFixture(call -> Reply.text(call, "x"), s -> s, new MemoryStore(), schedule);
        ModelClient client =
            ClientStack.of(
                    new Endpoint(gone.baseUrl(), Dialect.COMPLETIONS, Capabilities.plain()),
                    f.ledger)
                .health(health)
                .schedule(schedule)
                .answeredBefore(!byThisProcess)
                .rules(rules().withOutageTimeout(Duration.ofSeconds(20)))
                .build()) {
      if (byThisProcess) {
        client.ask(ClientFixture.requests(1).iterator()).next();
      }
      gone.close();
      assertThatThrownBy(() -> client.ask(ClientFixture.requests(99).iterator()).hasNext())
          .hasMessageContaining("is down since 2026-01-02T03:04:")
          .hasMessageContaining("refused");
      assertThat(f.outcomes()).doesNotContain(Outcome.FAILED, Outcome.STOP_JOB);
    }
  }
}
