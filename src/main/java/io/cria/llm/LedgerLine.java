package io.cria.llm;

import java.time.Instant;

/** What of a ledger's line decides whether it is the one that counts for its request. */
public sealed interface LedgerLine permits LedgerRecord, LedgerEntry {
  /** The request's key. */
  String requestKey();

  /** From 1, counted through restarts. */
  int attempt();

  /** What it came to. */
  Outcome outcome();

  /** When the attempt was sent. */
  Instant sentAt();

  /** Whether it brought a text. */
  boolean hasText();

  /** CRC-32C of the line's content: from 0 to 2³² - 1. */
  long checksum();
}
