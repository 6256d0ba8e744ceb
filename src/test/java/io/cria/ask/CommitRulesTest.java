package io.cria.ask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.storage.AskedTotals;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.Part;
import java.math.BigDecimal;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommitRulesTest {
  private final CommitRules rules = new CommitRules("/run", "classify", 0.02);

  private static AskedTotals part(long requests, long usable, long failed) {
    return new AskedTotals(
        requests,
        usable,
        failed,
        requests,
        0,
        0,
        0,
        0,
        BigDecimal.ZERO,
        0,
        AskedTotals.Unsure.NONE,
        Map.of(),
        AskedTotals.Won.NONE,
        List.of(),
        usable < requests ? List.of("failed: 503: busy") : List.of(),
        List.of());
  }

  private boolean mayCommit(boolean more, AskedTotals... parts) {
    return rules.mayCommit(List.of(parts), more);
  }

  @ParameterizedTest
  @CsvSource({
    "100, 11, true",
    "100, 10, false",
    "16, 2, true",
    "16, 1, false",
    "4, 1, true",
    "4, 0, false",
    "0, 0, true"
  })
  void ninetyOfAHundredWithoutATextAreRefused(long requests, long usable, boolean committed) {
    if (committed) {
      assertThat(mayCommit(false, part(requests, usable, 0))).isTrue();
    } else {
      assertThatThrownBy(() -> mayCommit(false, part(requests, usable, 0)))
          .isInstanceOfSatisfying(
              CriaException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.ENDPOINT))
          .hasMessageContaining(
              "of the last "
                  + requests
                  + " requests of classify "
                  + (requests - usable)
                  + " brought no usable text (failed: 503: busy)");
    }
  }

  @Test
  void whatIsTooSmallToJudgeByWaitsForTheNextPart() {
    AskedTotals small = part(4, 0, 0);
    assertThat(mayCommit(true, small)).isFalse();
    assertThat(mayCommit(true, small, part(12, 2, 0))).isTrue();
    assertThatThrownBy(() -> mayCommit(true, small, part(12, 1, 0)))
        .hasMessageContaining("of the last 16 requests");
  }

  @Test
  void whatIsCommittedAlreadyCounts() {
    rules.committed(part(12, 12, 0));
    assertThat(mayCommit(false, part(4, 0, 0))).isTrue();
    rules.committed(part(14, 0, 0));
    assertThatThrownBy(() -> mayCommit(false, part(2, 0, 0)))
        .as("16 are enough to look back upon")
        .hasMessageContaining("of the last 16 requests of classify 16");
  }

  @ParameterizedTest
  @CsvSource({
    "4096, 81, true",
    "4096, 82, false",
    "20, 1, true",
    "20, 2, false",
    "1, 1, false",
    "2, 2, false",
    "1, 0, true"
  })
  void aShareMayBeLeftWithoutAnAnswerAtLeastOneAndNeverAll(
      long requests, long failed, boolean committed) {
    OpenPart open = OpenPart.untouched(new Part(3, 0), (int) requests, "file");
    AskedTotals totals = part(requests, requests - failed, failed);
    if (committed) {
      assertThatCode(() -> rules.requireAnswered(open, totals, true)).doesNotThrowAnyException();
    } else {
      assertThatThrownBy(() -> rules.requireAnswered(open, totals, true))
          .hasMessageContaining(failed + " of " + requests + " requests of classify round 3")
          .hasMessageContaining("--close-round");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "4096, 1, 0, false",
    "4096, 15, 0, false",
    "4096, 16, 0, true",
    "4096, 16, 2, false",
    "4, 3, 0, false",
    "4, 4, 0, true"
  })
  void answersWithoutATextAreAskedAgainOnlyWhereTheyWereRefused(
      int rows, int ended, int usable, boolean again) {
    BitSet all = new BitSet();
    all.set(0, ended);
    BitSet texts = new BitSet();
    texts.set(0, usable);
    assertThat(CommitRules.wasRefused(rows, all, texts)).isEqualTo(again);
  }
}
