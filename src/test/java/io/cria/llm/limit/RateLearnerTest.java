package io.cria.llm.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cria.testing.FaultCase;
import org.junit.jupiter.api.Test;

/** What refusals teach, told ten times a second by one asker. */
class RateLearnerTest {
  private static final double BEAT = 0.1;

  private final RateLearner learner = new RateLearner();
  private double now;
  private double sent;
  private long told;
  private double refused;
  private long toldRefused;

  /** So many seconds of requests at a rate, a share of them refused. */
  private void pass(double seconds, double perSecond, double refusedShare) {
    for (int i = 0; i < Math.round(seconds / BEAT); i++) {
      now += BEAT;
      sent += perSecond * BEAT;
      refused += perSecond * BEAT * refusedShare;
      long newSent = (long) sent - told;
      long newRefused = (long) refused - toldRefused;
      told += newSent;
      toldRefused += newRefused;
      learner.saw("a", now, now - BEAT, newSent, newRefused, false, false);
    }
  }

  /** As fast as it may, before a server that takes so many a second. */
  private void limited(double seconds, double limit) {
    for (int i = 0; i < Math.round(seconds / BEAT); i++) {
      double rate = Math.min(learner.rate(now), 10 * limit);
      pass(BEAT, rate, Math.max(0, 1 - limit / rate));
    }
  }

  private void begun() {
    learner.start(now, true, 10);
    pass(10, 40, 0);
  }

  @Test
  void theStartIsLetOutOverTwoSeconds() {
    learner.start(0, true, 10);
    assertThat(learner.rate(0)).isEqualTo(10);
    assertThat(learner.rate(1)).isEqualTo(40);
    assertThat(learner.rate(2)).isInfinite();
  }

  @Test
  void aStartThatTaughtNothingIsMadeAnewWhenNobodyWasThere() {
    learner.start(0, true, 10);
    learner.start(100, false, 20);
    assertThat(learner.rate(100)).isInfinite();
    learner.start(200, true, 20);
    assertThat(learner.rate(200)).isEqualTo(20);
  }

  @Test
  void noStartIsMadeAnewWhenEnoughWasTaken() {
    begun();
    learner.start(200, true, 10);
    assertThat(learner.rate(200)).isInfinite();
  }

  @Test
  void refusalsSetTheRateALittleBelowWhatWasTaken() {
    begun();
    pass(2, 50, 0.2);
    assertThat(learner.rate(now)).isBetween(35.0, 45.0);
  }

  @Test
  void aFewRefusalsAreChance() {
    begun();
    pass(60, 400, 0.01);
    assertThat(learner.rate(now)).isInfinite();
  }

  @Test
  void theRateStaysAboutTheLimit() {
    begun();
    limited(20, 50);
    for (int i = 0; i < 100; i++) {
      limited(1, 50);
      assertThat(learner.rate(now)).isBetween(40.0, 56.0);
    }
  }

  @Test
  void aRaisedLimitIsFound() {
    begun();
    limited(60, 50);
    limited(45, 200);
    assertThat(learner.rate(now)).isGreaterThan(150);
  }

  @Test
  void aLoweredLimitIsKeptToWithinSeconds() {
    begun();
    limited(30, 50);
    limited(4, 20);
    assertThat(learner.rate(now)).isBetween(14.0, 24.0);
  }

  @Test
  void whereNearlyAllIsRefusedTheRateFallsDeepAndComesBackSoon() {
    begun();
    limited(30, 50);
    double before = learner.rate(now);
    pass(0.7, before, 1);
    assertThat(learner.rate(now)).isLessThan(before / 2);
    pass(3, 5, 0);
    assertThat(learner.rate(now)).isCloseTo(before, within(before * 0.15));
  }

  @Test
  void aRateThatIsNotUsedDoesNotGrow() {
    begun();
    limited(30, 50);
    pass(300, 5, 0);
    assertThat(learner.rate(now)).isLessThan(60);
  }

  @Test
  void whatATellingEndpointRefusedBeforeIsForgotten() {
    begun();
    limited(5, 50);
    learner.forget(now);
    assertThat(learner.rate(now)).isInfinite();
  }

  @Test
  void aKnownLimitGetsTheBenefitOfTheDoubtOnce() {
    begun();
    for (int i = 1; i <= 20; i++) {
      now += BEAT;
      learner.saw("a", now, now - BEAT, 5, i % 2, false, true);
    }
    assertThat(learner.rate(now)).isGreaterThan(45);
  }

  @Test
  void aPauseLetsNoRateGrow() {
    learner.start(0, true, 10);
    learner.pause(50);
    assertThat(learner.rate(50)).isEqualTo(10);
  }

  @FaultCase(5)
  @Test
  void oneThatAskedToSlowDownIsAskedSlowly() {
    begun();
    for (int i = 0; i < 20; i++) {
      now += BEAT;
      learner.saw("a", now, now - BEAT, 5, 1, true, false);
    }
    assertThat(learner.rate(now)).isLessThan(0.75 * 45);
  }
}
