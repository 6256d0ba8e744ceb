package io.cria.llm;

import java.util.function.Predicate;

/** Counts, for a client, which answers are of use in the endpoint's health. */
final class UsefulAnswers {
  private final EndpointHealth health;
  private final Predicate<LedgerRecord> usable;
  private final boolean usableBefore;

  /**
   * @param usable whether the record that ends a request is of use
   * @param usableBefore whether the run had such a record before this client
   */
  UsefulAnswers(EndpointHealth health, Predicate<LedgerRecord> usable, boolean usableBefore) {
    this.health = health;
    this.usable = usable;
    this.usableBefore = usableBefore;
  }

  /** Whether an answer has a text at all. */
  static boolean hasText(LedgerRecord record) {
    String text = record.text();
    return (record.outcome() == Outcome.OK || record.outcome() == Outcome.TERMINAL_PAID)
        && text != null
        && !text.isBlank();
  }

  /** How many useless answers in a row, this one the last, are enough to stop; else 0. */
  int count(LedgerRecord last) {
    return health.usefulness(last.stage()).count(usable.test(last), usableBefore);
  }
}
