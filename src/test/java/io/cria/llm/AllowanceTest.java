package io.cria.llm;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.task.Amount;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AllowanceTest {
  private static Amount tokens(long tokens) {
    return new Amount(0, tokens, 0);
  }

  @Test
  void aRequestThatCostLessLetsTheNextOneOut() {
    Budget budget = Budget.of(new Amount(Amount.NO_BOUND, 100, Amount.NO_BOUND));
    assertThat(budget.reserve(tokens(70))).isCompletedWithValue(true);
    CompletableFuture<Boolean> next = budget.reserve(tokens(70));
    assertThat(next).isNotDone();
    budget.settle(tokens(70), tokens(30));
    assertThat(next).isCompletedWithValue(true);
    CompletableFuture<Boolean> last = budget.reserve(tokens(70));
    budget.settle(tokens(70), tokens(31));
    assertThat(last).as("39 are left, and nothing is on its way").isCompletedWithValue(false);
    assertThat(budget.reserve(tokens(1))).isCompletedWithValue(false);
  }

  @Test
  void whoHasNothingAsksAtOnceAndWaitsForAGrant() {
    Allowance allowance = Allowance.granted();
    AtomicInteger asked = new AtomicInteger();
    allowance.whenUrgent(asked::incrementAndGet);
    CompletableFuture<Boolean> first = allowance.reserve(tokens(10));
    CompletableFuture<Boolean> second = allowance.reserve(tokens(10));
    assertThat(asked).hasValue(1);
    assertThat(allowance.claim().need()).isEqualTo(tokens(10));
    assertThat(allowance.claim().want().tokens()).isGreaterThanOrEqualTo(20);
    allowance.grant(tokens(10), false);
    assertThat(first).isCompletedWithValue(true);
    assertThat(second).isNotDone();
    allowance.reach();
    assertThat(second).isCompletedWithValue(false);
  }

  @Test
  void whatIsOfNoUseHereIsReturnedWhereOthersLackIt() {
    Allowance allowance = Allowance.granted();
    allowance.grant(tokens(50), false);
    assertThat(allowance.reserve(tokens(20))).isCompletedWithValue(true);
    assertThat(allowance.claim().returned()).isEqualTo(Amount.ZERO);
    allowance.grant(tokens(50), true);
    assertThat(allowance.claim().returned()).isEqualTo(tokens(30));
    assertThat(allowance.claim().reserved()).isEqualTo(tokens(20));
    assertThat(allowance.reserve(tokens(1))).as("it was given back").isNotDone();
  }

  @Test
  void whoGaveUpWaitingTakesNothing() {
    Budget budget = Budget.of(new Amount(Amount.NO_BOUND, 10, Amount.NO_BOUND));
    assertThat(budget.reserve(tokens(10))).isCompletedWithValue(true);
    CompletableFuture<Boolean> gone = budget.reserve(tokens(10));
    gone.complete(false);
    CompletableFuture<Boolean> waits = budget.reserve(tokens(10));
    budget.settle(tokens(10), Amount.ZERO);
    assertThat(waits).isCompletedWithValue(true);
  }
}
