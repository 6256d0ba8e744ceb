package io.cria.llm;

import static io.cria.llm.LedgerReaderTest.record;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WinnerTest {
  @Test
  void theWinnerIsTheLowestTerminalAttempt() {
    LedgerRecord transientFirst = record(0, 1, Outcome.RETRY_TRANSIENT);
    LedgerRecord second = record(0, 2, Outcome.OK);
    LedgerRecord third = record(0, 3, Outcome.FAILED);
    assertThat(Winner.of(List.of(third, transientFirst, second))).contains(second);
    assertThat(Winner.of(List.of(transientFirst))).isEmpty();
    assertThat(Winner.of(List.of())).isEmpty();
  }

  @Test
  void theWinnerAmongEqualAttemptsDoesNotDependOnTheirOrder() {
    LedgerRecord ok = record(0, 1, Outcome.OK);
    LedgerRecord cut = record(0, 1, Outcome.TERMINAL_PAID);
    assertThat(Winner.of(List.of(ok, cut))).isEqualTo(Winner.of(List.of(cut, ok)));
  }

  @Test
  void anAnswerWinsOverARefusalAndThatOverAFailureWhateverTheAttempts() {
    List<LedgerRecord> best =
        List.of(
            record(0, 5, Outcome.OK),
            record(0, 6, Outcome.TERMINAL_PAID),
            record(0, 3, Outcome.REJECT_ROW),
            record(0, 4, Outcome.REJECT_ROW),
            record(0, 2, Outcome.FAILED),
            record(0, 1, Outcome.RETRY_TRANSIENT));
    List<LedgerRecord> shuffled = new ArrayList<>(best);
    Collections.shuffle(shuffled, new Random(3));
    shuffled.sort(Winner.ORDER);
    assertThat(shuffled).isEqualTo(best);
  }

  @Test
  void linesAlikeInEverythingElseAreToldApartByTheirChecksums() {
    LedgerRecord one = record(0, 1, Outcome.OK).withUsd(1.0);
    LedgerRecord other = record(0, 1, Outcome.OK).withUsd(2.0);
    LedgerRecord lesser = one.checksum() < other.checksum() ? one : other;
    assertThat(Winner.of(List.of(one, other))).contains(lesser);
    assertThat(Winner.of(List.of(other, one))).contains(lesser);
  }
}
