package io.cria.storage;

import java.time.Instant;

/** Other drivers' words in a lock. */
final class LockRecords {
  private LockRecords() {}

  static LockRecord far(Instant heartbeat) {
    return new LockRecord("other", "far-away", "far", 1, "7", heartbeat.toString(), false);
  }

  /**
   * A process of this machine that runs no more, or never did.
   *
   * @param start empty, or another start than this very process's, with its number
   */
  static LockRecord dead(String start) {
    LockRecord own = LockRecord.ofThisProcess("other", HandClock.START);
    long pid = start.isEmpty() ? Integer.MAX_VALUE : own.pid();
    return new LockRecord(
        "other", own.host(), own.machine(), pid, start, HandClock.START.toString(), false);
  }
}
