package io.cria.llm;

import java.util.Comparator;
import java.util.Optional;

/**
 * Which of a request's ledger records counts: the lowest attempt with a terminal outcome. Should
 * two records bear one attempt number (two tasks that did not know of each other), the earlier sent
 * wins, then the lesser line, so that the choice does not depend on the order of files.
 */
public final class Winner {
  /**
   * Terminal outcomes first; among them {@code failed} last, because a later invocation may have
   * asked again and been answered.
   */
  public static final Comparator<LedgerRecord> ORDER =
      Comparator.comparing((LedgerRecord r) -> !r.outcome().isTerminal())
          .thenComparing(r -> r.outcome() == Outcome.FAILED)
          .thenComparingInt(LedgerRecord::attempt)
          .thenComparing(LedgerRecord::sentAt)
          .thenComparing(LedgerRecord::toLine);

  private Winner() {}

  /** The winner among the records of one request; empty where none has a terminal outcome. */
  public static Optional<LedgerRecord> of(Iterable<LedgerRecord> recordsOfOneRequest) {
    LedgerRecord best = null;
    for (LedgerRecord record : recordsOfOneRequest) {
      if (best == null || ORDER.compare(record, best) < 0) {
        best = record;
      }
    }
    return Optional.ofNullable(best).filter(record -> record.outcome().isTerminal());
  }
}
