package io.cria.llm;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an attempt means for the endpoint's health, without a server. */
class HealthStepTest {
  private final ManualSchedule schedule = new ManualSchedule();
  private final EndpointHealth health = EndpointHealth.of(8, schedule, () -> 0.5);
  private final StopSwitch stop = new StopSwitch(schedule);
  private final AtomicInteger asked = new AtomicInteger();
  private boolean up = true;

  private Outcome outcome(Call.History request, Step.Attempted answered) {
    Step step =
        new HealthStep(
            call -> CompletableFuture.completedFuture(answered),
            health,
            stop,
            () -> {
              asked.incrementAndGet();
              return CompletableFuture.completedFuture(up);
            },
            false,
            RetryRules.standard(),
            schedule);
    return step.send(new Call(ClientFixture.request(0), 1, request)).join().record().outcome();
  }

  private Call.History open() {
    health.breaker().opened();
    return new Call.History(RetryRules.standard().totalTimeout(), () -> {});
  }

  private static Step.Attempted answered(Outcome outcome, @Nullable Integer status, boolean page) {
    LedgerRecord record =
        new LedgerRecord(
            "key",
            1,
            "generate",
            0,
            0,
            outcome,
            status,
            null,
            null,
            null,
            null,
            "m",
            null,
            null,
            java.time.Instant.EPOCH,
            1,
            false,
            "words");
    int named = status == null ? ErrorRules.NONE : status;
    Step.Sign sign = status == null ? Step.Sign.UNREACHABLE : Step.Sign.of(outcome, named);
    return new Step.Attempted(record, null, named, page ? Step.Sign.PAGE : sign);
  }

  @Test
  void aPageFromAnAddressThatNeverAnsweredOtherwiseStopsTheJob() {
    assertThat(outcome(open(), answered(Outcome.STOP_JOB, 200, true))).isEqualTo(Outcome.STOP_JOB);
  }

  @Test
  void aPageInPlaceOfAServerThatHasAnsweredIsAPassingFailure() {
    outcome(open(), answered(Outcome.OK, 200, false));
    for (int i = 0; i < 4; i++) {
      assertThat(outcome(open(), answered(Outcome.STOP_JOB, 200, true)))
          .isEqualTo(Outcome.RETRY_TRANSIENT);
    }
    assertThat(health.downSince()).isPresent();
  }

  @Test
  void refusalsAndRateLimitsShowThatTheServerIsUp() {
    Step.Attempted[] upAnyway = {
      answered(Outcome.RETRY_RATE, 429, false),
      answered(Outcome.REJECT_ROW, 400, false),
      answered(Outcome.BAD_PAID, 200, false),
      answered(Outcome.RETRY_TRANSIENT, 409, false),
      answered(Outcome.RETRY_TRANSIENT, 423, false),
      answered(Outcome.RETRY_TRANSIENT, 425, false),
      answered(Outcome.RETRY_TRANSIENT, 200, false)
    };
    for (Step.Attempted between : upAnyway) {
      for (int i = 0; i < 3; i++) {
        outcome(open(), answered(Outcome.RETRY_TRANSIENT, 500, false));
      }
      outcome(open(), between);
    }
    assertThat(health.downSince()).isEmpty();
    assertThat(health.lastWords()).contains("words");
  }

  @ParameterizedTest
  @ValueSource(ints = {ErrorRules.NONE, 400, 408, 424, 449, 498, 499, 500, 503, 529})
  void passingFailuresUnderWhateverStatusAreAnOutage(int status) {
    for (int i = 0; i < Breaker.REQUESTS; i++) {
      outcome(open(), answered(Outcome.RETRY_TRANSIENT, status, false));
    }
    assertThat(health.downSince()).isPresent();
  }

  @Test
  void whileTheServerSaysThatItIsUpALoneRequestIsNoOutage() {
    Call.History alone = open();
    outcome(alone, answered(Outcome.RETRY_TRANSIENT, 500, false));
    outcome(alone, answered(Outcome.RETRY_TRANSIENT, 500, false));
    assertThat(asked).hasValue(2);
    assertThat(health.downSince()).isEmpty();
    up = false;
    outcome(alone, answered(Outcome.RETRY_TRANSIENT, 500, false));
    assertThat(health.downSince()).isPresent();
  }

  @Test
  void connectionsThatCannotBeMadeAreNoOutageBeforeTheFirstAnswer() {
    Call.History first = open();
    for (int i = 0; i < 6; i++) {
      assertThat(outcome(open(), answered(Outcome.RETRY_TRANSIENT, null, false)))
          .isEqualTo(Outcome.RETRY_TRANSIENT);
    }
    assertThat(health.downSince()).isEmpty();
    for (int tries = 1; tries < HealthStep.TRIES; tries++) {
      outcome(first, answered(Outcome.RETRY_TRANSIENT, null, false));
    }
    assertThat(outcome(first, answered(Outcome.RETRY_TRANSIENT, null, false)))
        .isEqualTo(Outcome.STOP_JOB);
  }

  @ParameterizedTest
  @CsvSource({
    "RETRY_RATE, 200, true",
    "RETRY_RATE, 403, true",
    "RETRY_RATE, 429, true",
    "RETRY_TRANSIENT, 503, true",
    "RETRY_TRANSIENT, 529, true",
    "RETRY_TRANSIENT, 500, false"
  })
  void aPauseThatAnOverloadedServerAsksForHoldsAllRequests(
      Outcome outcome, int status, boolean all) {
    Step.Attempted plain = answered(outcome, 200, false);
    Step.Attempted asking =
        new Step.Attempted(plain.record(), Duration.ofSeconds(7), status, plain.sign());
    Step step =
        new HoldStep(
            call -> CompletableFuture.completedFuture(asking),
            health,
            health.pacer(),
            schedule,
            stop);
    step.send(new Call(ClientFixture.request(0), 1, open())).join();
    assertThat(health.pauses().remaining(schedule.now()))
        .isEqualTo(all ? Duration.ofSeconds(7) : Duration.ZERO);
  }

  @Test
  void whatAStopCancelsIsNoFailureOfTheServer() {
    stop.stop(StopReason.REQUESTED, null);
    for (int i = 0; i < 9; i++) {
      outcome(open(), answered(Outcome.RETRY_TRANSIENT, 500, false));
    }
    assertThat(health.downSince()).isEmpty();
  }

  @Test
  void theHealthOfAnAddressIsOneForTheProcessAndItsWindowFollowsTheLastWish() {
    EndpointHealth one = EndpointHealth.shared("http://192.0.2.1/v1", 5);
    EndpointHealth same = EndpointHealth.shared("http://192.0.2.1/v1/", 3);
    assertThat(same).isSameAs(one);
    assertThat(one.window().size()).isEqualTo(3);
    for (int i = 0; i < 3; i++) {
      assertThat(one.window().tryAcquire()).isTrue();
    }
    assertThat(one.window().tryAcquire()).isFalse();
    one.window().resize(2);
    one.window().release();
    assertThat(one.window().tryAcquire()).isFalse();
    assertThat(one.window().inFlight()).isEqualTo(2);
    one.window().resize(3);
    assertThat(one.window().tryAcquire()).isTrue();
  }
}
