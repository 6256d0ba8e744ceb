package io.cria.llm;

import java.util.Iterator;

/**
 * Asks a model many requests at a time. {@link ClientStack} makes one.
 *
 * <p>Not thread-safe: one thread iterates; window, pause and caps may be shared by many clients.
 */
public interface ModelClient extends AutoCloseable {
  /**
   * Asks the requests, taking them lazily as the window has room, and gives the last record of each
   * request that came to a terminal outcome, in the order of completion. Each record, and those of
   * the request's earlier attempts, were durable in the ledger before it is seen.
   *
   * <p>When the client stops ({@link #stopReason}), no further request is taken, answers on their
   * way are waited for, kept and given, and requests that still needed an attempt are left out:
   * without a terminal record, they are asked again by the next run. The iterator then ends; or,
   * for {@link StopReason#ENDPOINT} and {@link StopReason#FAULT}, throws {@link
   * io.cria.task.CriaException}.
   *
   * @param requests every request at most once
   */
  Iterator<LedgerRecord> ask(Iterator<LlmRequest> requests);

  /** Why the client stopped, {@link StopReason#NONE} while it goes on. */
  StopReason stopReason();

  /**
   * Stops, waits for answers on their way and cancels what the drain time does not suffice for.
   * Does not close the ledger.
   */
  @Override
  void close();
}
