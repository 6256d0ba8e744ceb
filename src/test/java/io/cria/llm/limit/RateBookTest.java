package io.cria.llm.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.testing.FaultCase;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class RateBookTest {
  private static final double NONE = Double.POSITIVE_INFINITY;
  private static final double LIMIT = 100;

  private final RateBook book = new RateBook();

  private static Observed wants(double requests, double tokens, double heldRequests) {
    return new Observed(0, 0, 0, 0, requests, tokens, 1e6, NONE, NONE, 0, heldRequests, 0);
  }

  private static Observed told(double requests) {
    return new Observed(0, 0, 0, 0, 10, 10, 10, requests, NONE, 0, 0, 0);
  }

  private static Observed pause(double seconds) {
    return new Observed(0, 0, 0, 0, 10, 10, 10, NONE, NONE, seconds, 0, 0);
  }

  /** An asker of whom each message and each answer may be late or lost. */
  private static final class Asker {
    private final String name;
    private double rate;
    private double until;
    private double askedAt;
    private Lease answer = new Lease(0, 0, 0, 0);
    private double answerAt = NONE;
    private boolean isGone;

    Asker(String name) {
      this.name = name;
    }

    double rate(double now) {
      return isGone || now > until ? 0 : rate;
    }
  }

  @RepeatedTest(30)
  void theRatesThatAreOutNeverExceedTheLimit(RepetitionInfo repetition) {
    SplittableRandom random = new SplittableRandom(repetition.getCurrentRepetition());
    book.configure(LIMIT, NONE);
    List<Asker> askers = new ArrayList<>();
    double most = 0;
    for (int step = 0; step < 4_000; step++) {
      double now = step * 0.05;
      if (askers.size() < 5 && random.nextInt(40) == 0) {
        askers.add(new Asker("asker-" + step));
      }
      for (Asker each : askers) {
        pass(each, now, random);
      }
      if (!askers.isEmpty() && random.nextInt(200) == 0) {
        // lost, with its lease
        askers.remove(random.nextInt(askers.size())).isGone = true;
      }
      double out = askers.stream().mapToDouble(each -> each.rate(now)).sum();
      assertThat(out).isLessThanOrEqualTo(LIMIT + 1e-9);
      most = Math.max(most, out);
    }
    assertThat(most).isGreaterThan(0.9 * LIMIT);
  }

  private void pass(Asker asker, double now, SplittableRandom random) {
    if (now >= asker.answerAt) {
      asker.answerAt = NONE;
      if (random.nextInt(4) > 0) {
        asker.rate = asker.answer.requestsPerSecond();
        asker.until = asker.askedAt + asker.answer.seconds();
      }
    }
    if (asker.answerAt == NONE && random.nextInt(8) == 0) {
      asker.askedAt = now;
      boolean isLost = random.nextInt(4) == 0;
      if (!isLost) {
        double wanted = random.nextInt(3) == 0 ? 0 : random.nextDouble() * 2 * LIMIT;
        asker.answer = book.renew(asker.name, wants(wanted, 0, asker.rate(now)), now);
        asker.answerAt = now + random.nextInt(4) * 0.05;
      }
    }
  }

  @Test
  void nothingIsBoundedWhereNothingIsKnown() {
    book.renew("a", wants(10, 10, 0), 0);
    assertThat(book.renew("a", wants(10, 10, 0), 2.5).isBounded()).isFalse();
  }

  @Test
  void aShareIsGivenWhenTheOthersHaveGivenItBack() {
    book.configure(LIMIT, NONE);
    double all = book.renew("a", wants(LIMIT, 0, 0), 0).requestsPerSecond();
    assertThat(book.renew("b", wants(LIMIT, 0, 0), 0.1).requestsPerSecond()).isZero();
    double half = book.renew("a", wants(LIMIT, 0, all), 0.2).requestsPerSecond();
    assertThat(half).isEqualTo(all / 2);
    // it may not have heard
    assertThat(book.renew("b", wants(LIMIT, 0, 0), 0.3).requestsPerSecond()).isZero();
    book.renew("a", wants(LIMIT, 0, half), 0.4);
    assertThat(book.renew("b", wants(LIMIT, 0, 0), 0.5).requestsPerSecond()).isEqualTo(half);
  }

  @FaultCase(26)
  @Test
  void aLostAskersShareReturnsWhenItsLeaseHasEnded() {
    book.configure(LIMIT, NONE);
    double all = book.renew("lost", wants(LIMIT, 0, 0), 0).requestsPerSecond();
    assertThat(book.renew("a", wants(LIMIT, 0, 0), 2.9).requestsPerSecond()).isZero();
    assertThat(book.renew("a", wants(LIMIT, 0, 0), 3.1).requestsPerSecond()).isEqualTo(all);
  }

  @Test
  void theLastWordsOfOneThatHasEndedTakeNothing() {
    book.configure(LIMIT, NONE);
    double all = book.renew("ended", wants(LIMIT, 0, 0), 0).requestsPerSecond();
    book.release("ended");
    assertThat(book.renew("ended", wants(LIMIT, 0, all), 0.1).requestsPerSecond()).isZero();
    assertThat(book.renew("a", wants(LIMIT, 0, 0), 0.2).requestsPerSecond()).isEqualTo(all);
  }

  @Test
  void aLowLimitIsLeasedToFew() {
    book.configure(1.0 / 3, NONE);
    double all = book.renew("a", wants(1, 0, 0), 0).requestsPerSecond();
    book.renew("b", wants(1, 0, 0), 0.1);
    assertThat(book.renew("a", wants(1, 0, all), 0.2).requestsPerSecond()).isEqualTo(all);
    assertThat(book.renew("b", wants(1, 0, 0), 0.3).requestsPerSecond()).isZero();
  }

  @Test
  void requestsMayBeUnboundedWhereTokensAreNot() {
    book.configure(NONE, 1_000);
    book.renew("a", wants(10, 10, 0), 0);
    Lease lease = book.renew("a", wants(10, 10, 0), 2.5);
    assertThat(lease.requestsPerSecond()).isInfinite();
    assertThat(lease.tokensPerSecond()).isEqualTo(965);
    assertThat(lease.isBounded()).isTrue();
  }

  @Test
  void theSmallerOfWhatIsConfiguredAndToldCounts() {
    book.configure(LIMIT, NONE);
    book.renew("a", told(50), 0);
    assertThat(book.requestsPerSecond(10)).isEqualTo(49.5);
    book.renew("a", told(200), 1);
    assertThat(book.requestsPerSecond(10)).as("it may be another server's").isEqualTo(49.5);
    book.renew("a", told(201), 3);
    book.renew("a", told(200), 5.5);
    assertThat(book.requestsPerSecond(10)).isEqualTo(99);
  }

  @Test
  void ofLimitsThatAreToldInTurnTheLowerCounts() {
    for (int second = 0; second < 60; second++) {
      book.renew("a", told(second % 2 == 0 ? 50 : 100), second);
      assertThat(book.requestsPerSecond(second + 10)).isEqualTo(49.5);
    }
  }

  @Test
  void whatAnAskerWasToldBeforeDoesNotUndoNews() {
    book.renew("a", told(50), 0);
    book.renew("b", told(50), 0);
    book.renew("a", told(25), 1);
    book.renew("b", told(50), 1.1);
    assertThat(book.requestsPerSecond(10)).isEqualTo(24.75);
  }

  @Test
  void aPauseIsToldToAll() {
    book.renew("a", pause(2), 0);
    assertThat(book.renew("b", wants(1, 0, 0), 0.5).pauseSeconds()).isEqualTo(1.5);
    assertThat(book.renew("b", wants(1, 0, 0), 2.5).pauseSeconds()).isZero();
  }
}
