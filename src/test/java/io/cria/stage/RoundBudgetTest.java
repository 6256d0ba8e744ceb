package io.cria.stage;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.ask.Measured;
import io.cria.stage.RoundBudget.Later;
import io.cria.stage.RoundBudget.Round;
import io.cria.task.Amount;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoundBudgetTest {
  private static final long CENT = 10_000_000;

  /** Nothing but requests is bounded. */
  private static RoundBudget requests(long cap) {
    return new RoundBudget(new Amount(cap, Amount.NO_BOUND, Amount.NO_BOUND), null);
  }

  /** Of ten requests, each tried so often, at 100 tokens and a cent. */
  private static Round round(long kept, long attempts) {
    return new Round(kept, new Measured(10, new Amount(attempts, 1000, 10 * CENT)));
  }

  /** A request an instruction, at 20 tokens and a tenth of a cent; at worst five times as much. */
  private static Later waiting(long instructions) {
    return new Later(
        instructions, new Measured(10, new Amount(10, 200, CENT)), new Amount(1, 100, CENT / 2));
  }

  /**
   * Ten requests of generation are kept, the next round has as many; what is taken is the cost of
   * the first round.
   */
  @ParameterizedTest
  @CsvSource({
    // cap, attempts, kept, waiting, room: 10 taken; 10 more; later (30 + 30) × 1.1 + 2
    "88, 10, 30, 30, true",
    "87, 10, 30, 30, false",
    // every request was tried twice: 20 taken, 20 more
    "108, 20, 30, 30, true",
    "107, 20, 30, 30, false",
    // the later stage has asked about all so far: only what the next round brings is to be paid
    "55, 10, 30, 0, true",
    "54, 10, 30, 0, false",
    // nothing kept: nothing to be paid later but the spare requests
    "22, 10, 0, 0, true",
    "21, 10, 0, 0, false",
    // more is taken than there is
    "5, 10, 30, 30, false"
  })
  void aRoundIsPlannedOnlyWhereWhatItBringsCanBePaid(
      long cap, long attempts, long kept, long waiting, boolean room) {
    Optional<String> end =
        requests(cap)
            .end(
                List.of(round(kept, attempts)),
                10,
                new Amount(attempts, 0, 0),
                List.of(waiting(waiting)));
    assertThat(end.isEmpty()).isEqualTo(room);
  }

  @ParameterizedTest
  @CsvSource({
    // tokens: 1000 taken, 1000 more, later (30 + 30) × 20 × 1.1 + 2 × 100
    "3520, , true, ''",
    "3519, , false, caps.tokens",
    // cents: 10 taken, 10 more, later 60 × 0.1 × 1.1 + 2 × 0.5
    ", 0.2761, true, ''",
    ", 0.2759, false, caps.usd",
    "3519, 0.2759, false, caps.tokens"
  })
  void everyCurrencyCounts(
      @Nullable Long tokens, @Nullable BigDecimal usd, boolean room, String key) {
    Amount cap =
        new Amount(
            Amount.NO_BOUND,
            tokens == null ? Amount.NO_BOUND : tokens,
            usd == null ? Amount.NO_BOUND : Amount.nanoUsd(usd));
    Optional<String> end =
        new RoundBudget(cap, null)
            .end(List.of(round(30, 10)), 10, new Amount(10, 1000, 10 * CENT), List.of(waiting(30)));
    assertThat(end.isEmpty()).isEqualTo(room);
    assertThat(end.orElse("")).contains(key);
  }

  @Test
  void everyLaterStageIsPaid() {
    List<Round> rounds = List.of(round(30, 10));
    Amount taken = new Amount(10, 0, 0);
    assertThat(requests(155).end(rounds, 10, taken, List.of(waiting(30), waiting(30)))).isPresent();
    assertThat(requests(156).end(rounds, 10, taken, List.of(waiting(30), waiting(30)))).isEmpty();
    assertThat(requests(20).end(rounds, 10, taken, List.of())).isEmpty();
    assertThat(requests(19).end(rounds, 10, taken, List.of())).isPresent();
  }

  @Test
  void theCostOfARequestIsThatOfAllRoundsAndTheYieldThatOfTheLast() {
    List<Round> rounds = List.of(round(30, 30), round(0, 10));
    Amount taken = new Amount(40, 0, 0);
    // two attempts a request, so 20; nothing more is kept: 30 × 1.1 + 2
    assertThat(requests(95).end(rounds, 10, taken, List.of(waiting(30)))).isEmpty();
    assertThat(requests(94).end(rounds, 10, taken, List.of(waiting(30)))).isPresent();
  }

  @Test
  void withoutACapThereIsAlwaysRoom() {
    assertThat(
            new RoundBudget(Amount.UNBOUNDED, null)
                .end(List.of(round(30, 10)), 1_000_000, Amount.ZERO, List.of(waiting(1 << 30))))
        .isEmpty();
  }

  @Test
  void withoutAPriceDollarsTakeNothing() {
    Measured unpriced = new Measured(10, new Amount(10, 1000, 0));
    RoundBudget budget = new RoundBudget(new Amount(Amount.NO_BOUND, 2000, Amount.NO_BOUND), null);
    assertThat(budget.end(List.of(new Round(30, unpriced)), 10, new Amount(10, 1000, 0), List.of()))
        .isEmpty();
  }

  @Test
  void theReasonTellsWhatIsExpectedAndWhatIsLeft() {
    assertThat(
            requests(87)
                .end(List.of(round(30, 10)), 10, new Amount(10, 0, 0), List.of(waiting(30))))
        .contains(
            "another round is expected to take 10 requests and the stages after it 68 requests, and"
                + " of the 87 requests of caps.requests 77 requests are left");
    RoundBudget dollars =
        new RoundBudget(
            new Amount(Amount.NO_BOUND, Amount.NO_BOUND, Amount.nanoUsd(new BigDecimal("1.5"))),
            null);
    assertThat(
            dollars.end(
                List.of(round(30, 10)), 1000, new Amount(10, 0, 10 * CENT), List.of(waiting(30))))
        .hasValueSatisfying(
            why -> assertThat(why).contains("10.00 USD", "of the 1.50 USD of caps.usd"));
  }

  private static Optional<String> atMost(String usd, Round... rounds) {
    return new RoundBudget(Amount.UNBOUNDED, new BigDecimal(usd))
        .end(List.of(rounds), 10, Amount.ZERO, List.of());
  }

  @Test
  void anInstructionMayCostOnlySoMuchInTheLastTwoRounds() {
    // ten cents a round
    assertThat(atMost("0.01", round(10, 10))).isEmpty();
    assertThat(atMost("0.01", round(9, 10)))
        .contains(
            "caps.usdPerInstruction allows 0.01 USD, and an instruction cost 0.01112 USD in the"
                + " last round");
    assertThat(atMost("0.01", round(1, 10), round(15, 10), round(5, 10))).isEmpty();
    assertThat(atMost("0.01", round(100, 10), round(15, 10), round(4, 10)))
        .hasValueSatisfying(why -> assertThat(why).contains("in the last 2 rounds"));
    assertThat(atMost("0.01", round(0, 10)))
        .contains(
            "caps.usdPerInstruction allows 0.01 USD an instruction, and the last round took 0.10"
                + " USD and kept none");
    assertThat(atMost("0", new Round(0, new Measured(10, new Amount(10, 1000, 0)))))
        .as("what costs nothing is never too dear")
        .isEmpty();
  }
}
