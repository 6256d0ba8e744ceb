package io.cria.llm;

import java.util.Comparator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which of a request's ledger lines counts: the lowest attempt with the best outcome. Should two
 * lines bear one attempt number (two tasks that did not know of each other), the earlier sent wins,
 * then the lesser checksum, so that the choice does not depend on the order of files.
 */
public final class Winner {
  /**
   * An answer with a text before one without, that before a refusal, that before {@code failed},
   * and what is not terminal last: a request may have been asked again after it was refused, given
   * up, or answered with nothing.
   */
  public static final Comparator<LedgerLine> ORDER =
      Comparator.comparingInt((LedgerLine line) -> rank(line))
          .thenComparingInt(LedgerLine::attempt)
          .thenComparing(LedgerLine::sentAt)
          .thenComparingLong(LedgerLine::checksum);

  private Winner() {}

  private static int rank(LedgerLine line) {
    Outcome outcome = line.outcome();
    if (!outcome.isTerminal()) {
      return 4;
    }
    if (outcome == Outcome.FAILED) {
      return 3;
    }
    if (outcome == Outcome.REJECT_ROW) {
      return 2;
    }
    return line.hasText() ? 0 : 1;
  }

  /** The winner among the lines of one request; empty where none has a terminal outcome. */
  public static <L extends LedgerLine> Optional<L> of(Iterable<L> linesOfOneRequest) {
    @Nullable L best = null;
    for (L line : linesOfOneRequest) {
      if (best == null || ORDER.compare(line, best) < 0) {
        best = line;
      }
    }
    return best != null && best.outcome().isTerminal() ? Optional.of(best) : Optional.empty();
  }
}
