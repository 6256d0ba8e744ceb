package io.cria.llm;

import java.util.Comparator;

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
  public static final Comparator<LedgerEntry> ORDER =
      Comparator.comparingInt((LedgerEntry line) -> rank(line))
          .thenComparingInt(LedgerEntry::attempt)
          .thenComparing(LedgerEntry::sentAt)
          .thenComparingLong(LedgerEntry::checksum);

  private Winner() {}

  private static int rank(LedgerEntry line) {
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
    return line.hasUsableText() ? 0 : 1;
  }
}
