package io.cria.llm;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One concern of the client, around the next one. {@link ClientStack} assembles them. */
@FunctionalInterface
interface Step {
  /**
   * Sends an attempt. The future gives its record; or fails with {@link NotSent} when nothing was
   * sent because the client is stopping, or with {@link io.cria.task.CriaException} when the client
   * cannot go on.
   */
  CompletableFuture<Attempted> send(Call call);

  /**
   * An attempt's record on its way out.
   *
   * @param retryAfter how long the server asks to wait; null where it does not
   * @param status the status that the answer names, else the one it came under; {@link
   *     ErrorRules#NONE} where neither is known
   * @param sign what it says of the endpoint
   */
  record Attempted(LedgerRecord record, @Nullable Duration retryAfter, int status, Sign sign) {
    Attempted with(LedgerRecord other) {
      return new Attempted(other, retryAfter, status, sign);
    }
  }

  /** What an attempt says of the endpoint, whatever it means for its request. */
  enum Sign {
    /** The model server is up, though it may have refused. */
    UP,
    /** A failure that lies with server or network. */
    FAILURE,
    /** No connection was made. */
    UNREACHABLE,
    /** A page for people: no model server, or something that stands before it. */
    PAGE;

    /** Statuses of passing refusals that only a server at work gives. */
    private static final Set<Integer> AT_WORK = Set.of(409, 423, 425);

    /**
     * Of an answer that is no page.
     *
     * @param status as in {@link Attempted}
     */
    static Sign of(Outcome outcome, int status) {
      boolean up =
          outcome != Outcome.RETRY_TRANSIENT
              || AT_WORK.contains(status)
              // a whole completion without a text or tokens
              || (status >= 200 && status < 300);
      return up ? UP : FAILURE;
    }
  }

  /** Nothing was sent: the client is stopping. */
  final class NotSent extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotSent() {
      super("not sent: the client is stopping", null, false, false);
    }
  }
}
