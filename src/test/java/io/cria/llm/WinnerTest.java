package io.cria.llm;

import static io.cria.llm.LedgerReaderTest.record;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WinnerTest {
  private static LedgerEntry entry(int row, int attempt, Outcome outcome) {
    return LedgerLines.entry(record(row, attempt, outcome));
  }

  @Test
  void theWinnerIsTheLowestTerminalAttempt() {
    LedgerEntry transientFirst = entry(0, 1, Outcome.RETRY_TRANSIENT);
    LedgerEntry second = entry(0, 2, Outcome.OK);
    LedgerEntry third = entry(0, 3, Outcome.FAILED);
    assertThat(Collections.min(List.of(third, transientFirst, second), Winner.ORDER))
        .isEqualTo(second);
  }

  @Test
  void theWinnerAmongEqualAttemptsDoesNotDependOnTheirOrder() {
    LedgerEntry ok = entry(0, 1, Outcome.OK);
    LedgerEntry cut = entry(0, 1, Outcome.TERMINAL_PAID);
    assertThat(Winner.ORDER.compare(ok, cut)).isEqualTo(-Winner.ORDER.compare(cut, ok)).isNotZero();
  }

  @Test
  void anAnswerWinsOverARefusalAndThatOverAFailureWhateverTheAttempts() {
    List<LedgerEntry> best =
        List.of(
            entry(0, 5, Outcome.OK),
            entry(0, 6, Outcome.TERMINAL_PAID),
            entry(0, 3, Outcome.REJECT_ROW),
            entry(0, 4, Outcome.REJECT_ROW),
            entry(0, 2, Outcome.FAILED),
            entry(0, 1, Outcome.RETRY_TRANSIENT));
    List<LedgerEntry> shuffled = new ArrayList<>(best);
    Collections.shuffle(shuffled, new Random(3));
    shuffled.sort(Winner.ORDER);
    assertThat(shuffled).isEqualTo(best);
  }

  @Test
  void linesAlikeInEverythingElseAreToldApartByTheirChecksums() {
    LedgerEntry one = LedgerLines.entry(record(0, 1, Outcome.OK).withUsd(1.0));
    LedgerEntry other = LedgerLines.entry(record(0, 1, Outcome.OK).withUsd(2.0));
    LedgerEntry lesser = one.checksum() < other.checksum() ? one : other;
    assertThat(Collections.min(List.of(one, other), Winner.ORDER)).isEqualTo(lesser);
    assertThat(Collections.min(List.of(other, one), Winner.ORDER)).isEqualTo(lesser);
  }
}
