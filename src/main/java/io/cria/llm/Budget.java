package io.cria.llm;

import io.cria.task.Amount;
import java.util.concurrent.CompletableFuture;

/**
 * What may still be spent. Before an attempt is sent, the most that it can cost is reserved;
 * afterwards it is settled with what it did cost. Shared by clients; thread-safe.
 */
public interface Budget {
  /**
   * Reserves: true, as soon as there is enough, be it that another attempt has cost less than was
   * reserved for it; false when the cap is reached.
   */
  CompletableFuture<Boolean> reserve(Amount worst);

  /** Settles what was reserved with what was taken. */
  void settle(Amount reserved, Amount taken);

  /** No cap. */
  static Budget unlimited() {
    return of(Amount.UNBOUNDED);
  }

  /** So much in all, for the clients of one process. */
  static Budget of(Amount cap) {
    return new Allowance(cap);
  }
}
