package io.cria.llm;

import java.util.Arrays;

/** What an attempt came to; the ledger's column {@code outcome}. */
public enum Outcome {
  /** A whole answer. */
  OK("ok", true),
  /**
   * A paid answer that asking again would not better: cut by length, stopped by a content filter.
   */
  TERMINAL_PAID("terminal-paid", true),
  /** Paid, and the model declined to answer: its words are the record's error. */
  REFUSED("refused", true),
  /** Paid, and the model thought and said nothing. */
  EMPTY("empty", true),
  /** Refused by a rate limit; does not use up an attempt. */
  RETRY_RATE("retry-rate", false),
  /** A passing failure of server or network. */
  RETRY_TRANSIENT("retry-transient", false),
  /** Paid, but no answer can be read from it. */
  BAD_PAID("bad-paid", false),
  /** The server will never take this request. */
  REJECT_ROW("reject-row", true),
  /** The server will take no request as things stand: key, quota, model, address. */
  STOP_JOB("stop-job", false),
  /** A retryable failure, with attempts or time used up. */
  FAILED("failed", true);

  private final String word;
  private final boolean terminal;

  Outcome(String word, boolean terminal) {
    this.word = word;
    this.terminal = terminal;
  }

  /** The word in the ledger. */
  public String word() {
    return word;
  }

  /** Whether the request needs no further attempt, now or after a restart. */
  public boolean isTerminal() {
    return terminal;
  }

  /** Whether another attempt may do better. */
  public boolean isRetryable() {
    return this == RETRY_RATE || this == RETRY_TRANSIENT || this == BAD_PAID;
  }

  /** The outcome of a ledger's word. */
  public static Outcome of(String word) {
    return Arrays.stream(values())
        .filter(outcome -> outcome.word.equals(word))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no outcome \"" + word + "\""));
  }
}
