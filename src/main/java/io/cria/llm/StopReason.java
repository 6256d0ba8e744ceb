package io.cria.llm;

/** Why a client takes no more requests. */
public enum StopReason {
  /** It has not stopped. */
  NONE,
  /** Asked to, or its thread was interrupted. */
  REQUESTED,
  /** The request cap is reached. */
  CAP_REACHED,
  /** The endpoint, the key or the quota: the iterator throws. */
  ENDPOINT,
  /** The ledger cannot be written, or a fault of the client's own: the iterator throws. */
  FAULT,
  /** Closed. */
  CLOSED
}
