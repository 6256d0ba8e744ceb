package io.cria.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cria.llm.limit.Lease;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PacerTest {
  private static final double NONE = Double.POSITIVE_INFINITY;

  private final ManualSchedule schedule = new ManualSchedule();
  private final PauseGate pauses = new PauseGate();
  private final StopSwitch stop = new StopSwitch(schedule);
  private final Pacer pacer = Pacer.free(schedule, pauses);

  private void lease(double requests, double tokens) {
    pacer.lease(new Lease(requests, tokens, 3, 0), 0);
  }

  private CompletableFuture<Double> turn(double tokens) {
    return pacer.turn(false, () -> tokens, stop);
  }

  private CompletableFuture<Double> retry() {
    return pacer.turn(true, () -> 1, stop);
  }

  private List<CompletableFuture<Double>> turns(int count, double tokens) {
    List<CompletableFuture<Double>> turns = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      turns.add(turn(tokens));
    }
    return turns;
  }

  private static long out(List<CompletableFuture<Double>> turns) {
    return turns.stream().filter(CompletableFuture::isDone).count();
  }

  private void pass(long millis) {
    schedule.pass(Duration.ofMillis(millis));
  }

  @Test
  void withoutALimitEverythingIsLetOutAtOnce() {
    assertThat(turns(1_000, 1)).allMatch(CompletableFuture::isDone);
    assertThat(pacer.observed().sent()).isEqualTo(1_000);
  }

  @Test
  void requestsAreLetOutEvenly() {
    lease(50, NONE);
    List<CompletableFuture<Double>> turns = turns(100, 1);
    assertThat(out(turns)).isEqualTo(1);
    pass(1);
    for (int i = 1; i <= 50; i++) {
      pass(20);
      assertThat(out(turns)).isEqualTo(1 + i);
    }
    assertThat(pacer.observed().sent()).isEqualTo(51);
  }

  @Test
  void onlyATenthOfASecondIsKept() {
    lease(50, NONE);
    pass(2_000);
    assertThat(out(turns(100, 1))).isEqualTo(5);
  }

  @Test
  void furtherAttemptsGoFirst() {
    lease(10, NONE);
    assertThat(turn(1)).isDone();
    CompletableFuture<Double> first = turn(1);
    CompletableFuture<Double> again = retry();
    pass(100);
    assertThat(again).isDone();
    assertThat(first).isNotDone();
    pass(100);
    assertThat(first).isDone();
  }

  @Test
  void nothingIsLetOutBeyondTheLeasesEndUntilItIsRenewed() {
    lease(1, NONE);
    List<CompletableFuture<Double>> turns = turns(10, 1);
    pass(20_000);
    assertThat(out(turns)).isEqualTo(4);
    assertThat(pacer.isClosed()).isTrue();
    assertThat(pacer.observed().heldRequests()).isZero();
    lease(1, NONE);
    pass(1_000);
    assertThat(out(turns)).isEqualTo(5);
  }

  @Test
  void aLeaseThatBoundsNothingDoesNotEnd() {
    lease(NONE, NONE);
    pass(10_000);
    assertThat(turn(1)).isDone();
    assertThat(pacer.isClosed()).isFalse();
  }

  @Test
  void aLeaseHoldsFromWhenItWasAskedFor() {
    pacer.lease(new Lease(1, NONE, 3, 0), 2_000_000_000L);
    pass(1_500);
    assertThat(pacer.isClosed()).isTrue();
  }

  @Test
  void nothingIsLetOutInAPause() {
    lease(10, NONE);
    pauses.pauseUntil(schedule.now().plusSeconds(1));
    CompletableFuture<Double> turn = turn(1);
    pass(999);
    assertThat(turn).isNotDone();
    pass(2);
    assertThat(turn).isDone();
  }

  @Test
  void aPauseOfTheLeaseHoldsForAll() {
    pacer.lease(new Lease(10, NONE, 3, 1), 0);
    assertThat(pauses.remaining(schedule.now())).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void tokensAreTakenAsExpectedAndSettledAsTaken() {
    lease(NONE, 100);
    pass(500);
    assertThat(turn(50)).isDone();
    pacer.settle(50, 150);
    CompletableFuture<Double> next = turn(50);
    pass(1_400);
    assertThat(next).isNotDone();
    pass(101);
    assertThat(next).isDone();
  }

  @Test
  void whatComesBackLetsTheWaitingOutSooner() {
    lease(NONE, 1_000);
    pass(500);
    assertThat(turn(500)).isDone();
    CompletableFuture<Double> next = turn(400);
    pacer.settle(500, 100);
    pass(395);
    assertThat(next).isDone();
  }

  @Test
  void whatComesBackIsLetOutLittleByLittle() {
    lease(NONE, 1_000);
    pass(500);
    assertThat(turn(500)).isDone();
    List<CompletableFuture<Double>> turns = turns(100, 10);
    pacer.settle(500, 0);
    pass(1_000);
    assertThat(out(turns)).isBetween(100L, 104L);
  }

  @Test
  void oneThatIsLargerThanAllThatIsKeptGoesIntoDebt() {
    lease(NONE, 100);
    pass(500);
    assertThat(turn(1_000)).isDone();
    CompletableFuture<Double> next = turn(10);
    pass(2_900);
    lease(NONE, 100);
    assertThat(next).isNotDone();
  }

  @Test
  void tokensAreExpectedAsIsKnownWhenTheTurnComes() {
    lease(NONE, 100);
    pass(500);
    assertThat(turn(50)).isDone();
    double[] expected = {1_000};
    CompletableFuture<Double> next = pacer.turn(false, () -> expected[0], stop);
    expected[0] = 20;
    // seen at the next look
    pacer.settle(1, 0);
    pass(250);
    assertThat(next).isCompletedWithValue(20.0);
  }

  @Test
  void aTurnThatIsGivenBackIsTheNextOnes() {
    lease(10, NONE);
    assertThat(turn(1)).isDone();
    CompletableFuture<Double> next = turn(1);
    pacer.giveBack(1);
    assertThat(next).isDone();
    assertThat(pacer.observed().sent()).isEqualTo(1);
  }

  @Test
  void aClientThatStopsTakesNoTurn() {
    lease(10, NONE);
    assertThat(turn(1)).isDone();
    StopSwitch other = new StopSwitch(schedule);
    assertThat(pacer.turn(false, () -> 1, other)).isNotDone();
    CompletableFuture<Double> next = turn(1);
    other.stop(StopReason.REQUESTED, null);
    pass(100);
    assertThat(next).isDone();
    assertThat(pacer.observed().sent()).isEqualTo(2);
  }

  @Test
  void aLimitThatComesLaterIsKept() {
    turns(100, 1);
    lease(10, NONE);
    assertThat(out(turns(10, 1))).isEqualTo(1);
  }

  @Test
  void aLimitThatGoesLetsAllOut() {
    lease(1, NONE);
    List<CompletableFuture<Double>> turns = turns(10, 1);
    pacer.lease(Lease.FREE, 0);
    assertThat(out(turns)).isEqualTo(10);
    assertThat(pacer.observed().sent()).isEqualTo(10);
  }

  @Test
  void refusalsAreToldAtOnceAndTheLastOfThemSoon() {
    AtomicInteger told = new AtomicInteger();
    pacer.whenUrgent(told::incrementAndGet);
    for (int i = 0; i < 10; i++) {
      pacer.answered(true, false);
    }
    assertThat(told).hasValue(1);
    pass(60);
    assertThat(told).hasValue(2);
    pass(1_000);
    assertThat(told).hasValue(2);
    assertThat(pacer.observed().refused()).isEqualTo(10);
  }

  @Test
  void aLimitOfTheEndpointsOwnIsToldWhenItIsNews() {
    AtomicInteger told = new AtomicInteger();
    pacer.whenUrgent(told::incrementAndGet);
    pacer.told(50, NONE);
    pass(1_000);
    pacer.told(50, NONE);
    pacer.told(NONE, NONE);
    assertThat(told).hasValue(1);
    assertThat(pacer.observed().toldRequests()).isEqualTo(50);
  }

  @Test
  void whatWaitsIsWanted() {
    lease(10, NONE);
    List<CompletableFuture<Double>> turns = turns(21, 1);
    pass(1_001);
    assertThat(out(turns)).isEqualTo(11);
    assertThat(pacer.observed().wantsRequests()).isCloseTo(21, within(0.1));
  }
}
