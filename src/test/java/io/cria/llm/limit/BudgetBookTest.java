package io.cria.llm.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.cria.task.Amount;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class BudgetBookTest {
  private static final Amount ONE = new Amount(1, 100, 1_000);

  private final List<Amount> journal = new ArrayList<>();

  private BudgetBook book(Amount cap) {
    return new BudgetBook(cap, Amount.ZERO, journal::add);
  }

  private static Amount tokens(long tokens) {
    return new Amount(Amount.NO_BOUND, tokens, Amount.NO_BOUND);
  }

  private static Claim needs(Amount need, Amount want, Amount returned, Amount taken, Amount held) {
    return new Claim(need, want, returned, taken, held);
  }

  private static Claim hungry() {
    return needs(ONE, ONE, Amount.ZERO, Amount.ZERO, Amount.ZERO);
  }

  @Test
  void whatIsNotBoundedIsGrantedWithoutBound() {
    Amount granted = book(tokens(1_000)).grant("a", hungry());
    assertThat(granted).isEqualTo(tokens(100));
  }

  @Test
  void aGrantIsAPieceOfWhatIsLeftAndAtLeastWhatIsNeeded() {
    BudgetBook book = book(tokens(1_000));
    Amount wanted = new Amount(100, 10_000, 100_000);
    assertThat(book.grant("a", needs(ONE, wanted, Amount.ZERO, Amount.ZERO, Amount.ZERO)))
        .isEqualTo(tokens(250));
    Amount dear = new Amount(1, 700, 1);
    assertThat(book.grant("b", needs(dear, dear, Amount.ZERO, Amount.ZERO, Amount.ZERO)))
        .isEqualTo(tokens(700));
  }

  @Test
  void anAnswerThatWasLostIsGivenAgain() {
    BudgetBook book = book(tokens(1_000));
    Amount granted = book.grant("a", hungry());
    Claim again = needs(Amount.ZERO, Amount.ZERO, Amount.ZERO, Amount.ZERO, Amount.ZERO);
    assertThat(book.grant("a", again)).isEqualTo(granted);
  }

  @Test
  void itIsRememberedBeforeItIsGranted() {
    BudgetBook book = book(tokens(1_000));
    book.grant("a", hungry());
    assertThat(journal).hasSize(1);
    assertThat(journal.get(0).tokens()).isBetween(100L, 1_000L);
    assertThat(journal.get(0).requests()).as("not bounded").isZero();
  }

  @Test
  void theCapIsReachedOnlyWhenNobodyHasAnythingOnItsWay() {
    BudgetBook book = book(tokens(200));
    book.grant("a", hungry());
    book.grant("b", hungry());
    Claim sending = needs(ONE, ONE, Amount.ZERO, Amount.ZERO, ONE);
    book.grant("a", sending);
    book.grant("b", sending);
    assertThat(book.isScarce()).isTrue();
    assertThat(book.isReached()).as("two are on their way").isFalse();
    Amount cheap = new Amount(1, 30, 10);
    book.grant("a", needs(ONE, ONE, Amount.ZERO, cheap, Amount.ZERO));
    assertThat(book.isReached()).as("70 are not returned, and b has one on its way").isFalse();
    Amount rest = new Amount(0, 70, 0);
    book.grant("a", needs(ONE, ONE, rest, cheap, Amount.ZERO));
    book.grant("b", needs(ONE, ONE, rest, cheap, Amount.ZERO));
    assertThat(book.isReached()).as("140 are left for one that needs 100").isFalse();
    book.grant("b", needs(Amount.ZERO, Amount.ZERO, rest, cheap.plus(ONE), Amount.ZERO));
    book.grant("a", needs(ONE, ONE, rest, cheap, Amount.ZERO));
    assertThat(book.isReached()).isTrue();
  }

  @Test
  void whoIsLostKeepsWhatHeWasGranted() {
    BudgetBook book = book(tokens(300));
    book.grant("lost", hungry());
    book.grant("next", hungry());
    book.end("next", needs(Amount.ZERO, Amount.ZERO, Amount.ZERO, ONE, Amount.ZERO), false);
    assertThat(book.isClean()).isFalse();
    Amount all = new Amount(1, 200, 1);
    book.grant("last", needs(all, all, Amount.ZERO, Amount.ZERO, Amount.ZERO));
    assertThat(book.isScarce()).as("100 of 300 are left").isTrue();
    assertThat(book.isReached()).as("the lost one may be at work").isFalse();
    book.lose("lost");
    assertThat(book.isReached()).isTrue();
    assertThat(book.outstanding()).as("what it held counts").isEqualTo(new Amount(0, 200, 0));
  }

  @Test
  void anAttemptThatTookMoreThanWasReservedHangsNobody() {
    BudgetBook book = book(tokens(100));
    Amount most = new Amount(1, 60, 0);
    book.grant("a", needs(most, most, Amount.ZERO, Amount.ZERO, Amount.ZERO));
    Amount more = new Amount(1, 61, 0);
    book.grant("a", needs(most, most, Amount.ZERO, more, Amount.ZERO));
    assertThat(book.isReached()).isTrue();
    assertThat(book.outstanding()).isEqualTo(new Amount(0, 61, 0));
  }

  @Test
  void whoLackedIsNotAtTheEndWhenAnotherHasGivenBack() {
    BudgetBook book = book(tokens(100));
    Amount eighty = new Amount(1, 80, 0);
    Amount fifty = new Amount(1, 50, 0);
    book.grant("b", needs(eighty, eighty, Amount.ZERO, Amount.ZERO, Amount.ZERO));
    book.grant("a", needs(fifty, fifty, Amount.ZERO, Amount.ZERO, Amount.ZERO));
    book.end(
        "b", needs(Amount.ZERO, Amount.ZERO, Amount.ZERO, new Amount(1, 5, 0), Amount.ZERO), false);
    book.grant("c", Claim.NONE);
    assertThat(book.isReached()).as("95 are left").isFalse();
  }

  @Test
  void whatCannotBeRememberedIsNotGranted() {
    IllegalStateException full = new IllegalStateException("disk full");
    BudgetBook book =
        new BudgetBook(
            tokens(100),
            Amount.ZERO,
            outstanding -> {
              throw full;
            });
    assertThat(book.grant("a", hungry()).tokens()).isZero();
    assertThat(book.failure()).isSameAs(full);
  }

  @Test
  void whoFailsIsNotCleanAlthoughHeSaysSo() {
    BudgetBook book = book(tokens(100));
    book.grant("a", hungry());
    book.end("a", needs(Amount.ZERO, Amount.ZERO, Amount.ZERO, ONE, Amount.ZERO), true);
    assertThat(book.isClean()).isFalse();
    assertThat(book.outstanding()).isEqualTo(new Amount(0, 100, 0));
  }

  /** Many askers with random needs, lost messages and lost askers: never above the cap. */
  @RepeatedTest(200)
  void whatIsHeldAndTakenNeverExceedsTheCap(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    long cap = 50L + random.nextInt(5_000);
    BudgetBook book = book(tokens(cap));
    List<Asker> askers = new ArrayList<>();
    for (int i = 0; i < 1 + random.nextInt(4); i++) {
      askers.add(new Asker("a" + i, random));
    }
    boolean reached = false;
    for (int step = 0; step < 3_000 && !reached; step++) {
      Asker asker = askers.get(random.nextInt(askers.size()));
      asker.step(book);
      long held = askers.stream().mapToLong(a -> a.taken + a.reserved).sum();
      assertThat(held).isLessThanOrEqualTo(cap);
      assertThat(journal.isEmpty() ? 0 : journal.get(journal.size() - 1).tokens())
          .as("what is held is remembered")
          .isGreaterThanOrEqualTo(held);
      reached = book.isReached();
    }
    assertThat(reached).as("they come to an end").isTrue();
    long taken = askers.stream().mapToLong(a -> a.taken).sum();
    assertThat(cap - taken).as("what is left is less than one may need").isLessThan(Asker.MOST);
  }

  /** Asks for requests of random worst cases, which then cost less. */
  private static final class Asker {
    static final int MOST = 60;

    private final String name;
    private final Random random;
    private long granted;
    private long returned;
    private long taken;
    private long reserved;
    private long need;

    Asker(String name, Random random) {
      this.name = name;
      this.random = random;
    }

    void step(BudgetBook book) {
      if (need == 0) {
        need = 1L + random.nextInt(MOST);
      }
      long free = granted - returned - taken - reserved;
      if (need <= free) {
        reserved += need;
        need = 0;
      } else if (reserved > 0 && random.nextBoolean()) {
        taken += random.nextInt((int) reserved + 1);
        reserved = 0;
      }
      Amount wants = new Amount(1, need, 0);
      Amount none = Amount.ZERO;
      Amount told =
          book.grant(
              name,
              new Claim(
                  need == 0 ? none : wants,
                  need == 0 ? none : wants.times(1 + random.nextInt(5)),
                  new Amount(0, returned, 0),
                  new Amount(0, taken, 0),
                  new Amount(0, reserved, 0)));
      if (random.nextInt(5) > 0) {
        granted = told.tokens();
        if (book.isScarce() && (need == 0 || need > granted - returned - taken - reserved)) {
          returned += granted - returned - taken - reserved;
        }
      }
    }
  }
}
