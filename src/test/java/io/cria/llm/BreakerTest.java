package io.cria.llm;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.testing.FaultCase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BreakerTest {
  private final ManualSchedule schedule = new ManualSchedule();
  private final PauseGate pauses = new PauseGate();
  private final Breaker breaker = new Breaker(schedule, () -> 0.5, pauses);
  private final StopSwitch stop = new StopSwitch(schedule);
  private final List<Call.History> requests = new ArrayList<>();

  /** When each probe was sent, in milliseconds from the beginning. */
  private final List<Long> probes = new ArrayList<>();

  private Instant beginning = schedule.now();

  @BeforeEach
  void openTenRequests() {
    for (int i = 0; i < 10; i++) {
      requests.add(open());
    }
  }

  private Call.History open() {
    breaker.opened();
    Call.History history = new Call.History(Duration.ofSeconds(60), () -> {});
    history.begin(schedule.now(), breaker);
    return history;
  }

  private void fail(int... which) {
    for (int i : which) {
      breaker.failed(requests.get(i));
    }
  }

  private CompletableFuture<Breaker.Turn> turn(int which) {
    CompletableFuture<Breaker.Turn> turn =
        Objects.requireNonNull(breaker.turn(requests.get(which), stop));
    CompletableFuture<Void> unused =
        turn.thenAccept(
            how -> {
              if (how == Breaker.Turn.PROBE) {
                probes.add(Duration.between(beginning, schedule.now()).toMillis());
              }
            });
    return turn;
  }

  @Test
  void fourDifferentRequestsThatFailWithoutASuccessBetweenAreAnOutage() {
    fail(0, 1, 2, 0, 1, 2, 2);
    assertThat(breaker.downSince()).isNull();
    assertThat(breaker.turn(requests.get(0), stop)).isNull();
    breaker.succeeded(schedule.now());
    fail(3, 4, 5);
    assertThat(breaker.downSince()).isNull();
    fail(6);
    assertThat(breaker.downSince()).isEqualTo(beginning);
  }

  @Test
  void anAnswerToWhatWasSentBeforeAnOutageDoesNotEndIt() {
    fail(0, 1, 2);
    schedule.pass(Duration.ofSeconds(1));
    fail(3);
    Instant down = Objects.requireNonNull(breaker.downSince());
    breaker.succeeded(down.minusMillis(1));
    assertThat(breaker.downSince()).isEqualTo(down);
    breaker.succeeded(down);
    assertThat(breaker.downSince()).isNull();
  }

  @Test
  void aRequestGivenUpStillCountsAsOneThatFailed() {
    fail(0, 1, 2);
    breaker.closed(requests.get(2));
    fail(3);
    assertThat(breaker.downSince()).isNotNull();
  }

  @Test
  void withFewOpenTheServerIsAskedOnlyOnceAllOfThemHaveFailed() {
    for (int i = 3; i < 10; i++) {
      breaker.closed(requests.get(i));
    }
    assertThat(breaker.failed(requests.get(0)).doubtful()).isFalse();
    assertThat(breaker.failed(requests.get(1)).doubtful()).isFalse();
    Breaker.Failure last = breaker.failed(requests.get(2));
    assertThat(last.doubtful()).isTrue();
    assertThat(breaker.downSince()).isNull();
    breaker.begin(last.streak());
    assertThat(breaker.downSince()).isEqualTo(beginning);
  }

  @Test
  void aSuccessWhileTheServerIsAskedIsTheBetterAnswer() {
    Breaker.Failure failure = breaker.failed(requests.get(0));
    breaker.succeeded(schedule.now());
    breaker.begin(failure.streak());
    assertThat(breaker.downSince()).isNull();
  }

  /** Waits for its turn; as a probe it fails at once, and waits again. */
  private void failAtEveryTurn(int which) {
    CompletableFuture<Void> unused =
        turn(which)
            .thenAccept(
                how -> {
                  fail(which);
                  failAtEveryTurn(which);
                });
  }

  @Test
  void probesGoSingleAndEverLaterUpToFiveSeconds() {
    fail(0, 1, 2, 3);
    for (int i = 0; i < 10; i++) {
      failAtEveryTurn(i);
    }
    schedule.pass(Duration.ofSeconds(20));
    assertThat(probes).containsExactly(375L, 1125L, 2625L, 5625L, 9375L, 13125L, 16875L);
  }

  @Test
  void aProbeThatHangsKeepsNoOtherFromBeingSent() {
    fail(0, 1, 2, 3);
    for (int i = 0; i < 10; i++) {
      CompletableFuture<Breaker.Turn> unused = turn(i);
    }
    schedule.pass(Duration.ofSeconds(20));
    assertThat(probes).containsExactly(375L, 1125L, 2625L, 5625L);
  }

  @Test
  void whileFourProbesHangNoOtherIsSentUntilOneIsBack() {
    fail(0, 1, 2, 3);
    for (int i = 0; i < 10; i++) {
      CompletableFuture<Breaker.Turn> unused = turn(i);
    }
    schedule.pass(Duration.ofSeconds(60));
    assertThat(probes).hasSize(Breaker.PROBES);
    fail(0);
    schedule.pass(Duration.ofSeconds(60));
    assertThat(probes).hasSize(Breaker.PROBES + 1);
  }

  @Test
  @FaultCase(10)
  void aSuccessLetsAllGoOnAtOnceAndTheTimeLostIsGivenBack() {
    fail(0, 1, 2, 3);
    List<CompletableFuture<Breaker.Turn>> turns = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      turns.add(turn(i));
    }
    schedule.pass(Duration.ofSeconds(7));
    assertThat(turns.get(9)).isNotDone();
    breaker.succeeded(schedule.now());
    assertThat(turns).allMatch(CompletableFuture::isDone);
    assertThat(turns.get(9)).isCompletedWithValue(Breaker.Turn.GO_ON);
    assertThat(breaker.downSince()).isNull();
    assertThat(breaker.turn(requests.get(0), stop)).isNull();
    schedule.pass(Duration.ofSeconds(3));
    assertThat(requests.get(0).deadline(schedule.now(), breaker))
        .isEqualTo(beginning.plusSeconds(67));
    assertThat(open().deadline(schedule.now(), breaker)).isEqualTo(schedule.now().plusSeconds(60));
  }

  @Test
  void attemptsOfTheStreakAreGivenBackEarlierOnesAreNot() {
    Call.History request = requests.get(0);
    request.streak = breaker.failed(request).streak();
    request.useAttempt();
    breaker.succeeded(schedule.now());
    request.streak = breaker.failed(request).streak();
    request.useAttempt();
    assertThat(request.attemptsUsed(breaker)).isEqualTo(2);
    fail(1, 2, 3);
    request.streak = breaker.failed(request).streak();
    request.useAttempt();
    assertThat(request.attemptsUsed(breaker)).isEqualTo(1);
  }

  @Test
  void noProbeIsSentWithinAPause() {
    fail(0, 1, 2, 3);
    pauses.pauseUntil(beginning.plusSeconds(30));
    CompletableFuture<Breaker.Turn> unused = turn(0);
    schedule.pass(Duration.ofSeconds(60));
    assertThat(probes).containsExactly(30_000L);
  }

  @Test
  void aStopEndsTheWait() {
    fail(0, 1, 2, 3);
    CompletableFuture<Breaker.Turn> turn = turn(0);
    stop.stop(StopReason.REQUESTED, null);
    assertThat(turn).isCompletedExceptionally();
    assertThat(breaker.turn(requests.get(1), stop)).isCompletedExceptionally();
    schedule.pass(Duration.ofSeconds(60));
    assertThat(probes).isEmpty();
  }

  @Test
  void anOutageThatNobodyAskedInIsCountedFromTheNextRequestOn() {
    fail(0, 1, 2, 3);
    requests.forEach(breaker::closed);
    schedule.pass(Duration.ofSeconds(10));
    breaker.closed(open());
    assertThat(breaker.downSince()).isEqualTo(beginning.plusSeconds(10));
    schedule.pass(Duration.ofHours(1));
    open();
    assertThat(breaker.downSince()).isEqualTo(beginning.plusSeconds(3610));
  }
}
