package io.cria.llm;

import java.time.Duration;
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
  CompletableFuture<Answered> send(Call call);

  /**
   * An attempt's record on its way out.
   *
   * @param retryAfter how long the server asks to wait; null where it does not
   * @param unreachable no connection was made
   * @param page what answered shows a page for people: no model server, or something before it
   */
  record Answered(
      LedgerRecord record, @Nullable Duration retryAfter, boolean unreachable, boolean page) {
    /** Of a model server or of none. */
    Answered(LedgerRecord record, @Nullable Duration retryAfter, boolean unreachable) {
      this(record, retryAfter, unreachable, false);
    }

    Answered with(LedgerRecord other) {
      return new Answered(other, retryAfter, unreachable, page);
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
