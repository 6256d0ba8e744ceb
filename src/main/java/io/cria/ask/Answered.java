package io.cria.ask;

import io.cria.llm.LedgerEntry;
import io.cria.llm.Outcome;
import io.cria.llm.Usage;
import io.cria.run.Line;
import io.cria.run.Rows;
import io.cria.task.Ids;
import java.io.Serializable;
import org.apache.parquet.example.data.Group;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * Which answer of a request counts: a row of the table {@code answers}.
 *
 * @param requestKey the request's
 * @param row its row within the round
 * @param attempt the counting attempt; 0 when it was not sent
 * @param outcome its word, or {@link #NOT_SENT}
 * @param finishReason the server's word
 * @param usage tokens; null where nothing was answered
 * @param usd price, where it is known
 * @param model that answered
 * @param segment of the ledger that holds it, below the run directory; null when it was not sent
 * @param offset where its line begins in the segment
 * @param length of the line, without its end
 * @param error why it is not a whole answer, in the server's own words
 */
record Answered(
    String requestKey,
    int row,
    int attempt,
    String outcome,
    @Nullable String finishReason,
    @Nullable Usage usage,
    @Nullable Double usd,
    @Nullable String model,
    @Nullable String segment,
    long offset,
    int length,
    @Nullable String error)
    implements Serializable {
  /** The outcome of a request that a closed round left unasked. */
  static final String NOT_SENT = "not_sent";

  static Answered notSent(String requestKey, int row) {
    return new Answered(requestKey, row, 0, NOT_SENT, null, null, null, null, null, 0, 0, null);
  }

  static Answered of(LedgerScan.Seen seen, int row) {
    LedgerEntry entry = seen.entry();
    return new Answered(
        entry.requestKey(),
        row,
        entry.attempt(),
        entry.outcome().word(),
        entry.finishReason(),
        entry.usage(),
        entry.usd(),
        entry.model(),
        seen.segment(),
        entry.offset(),
        entry.length(),
        entry.error());
  }

  String answerId() {
    return Ids.answer(requestKey, attempt);
  }

  boolean isSent() {
    return segment != null;
  }

  /** Whether the server itself turned the request away: asked anew, it may take it. */
  boolean isRejected() {
    return outcome.equals(Outcome.REJECT_ROW.word()) || outcome.equals(Outcome.FAILED.word());
  }

  /** A row for a file of the table. */
  Row toRow() {
    return Rows.row(
        Line.ANSWERS.fileColumns(),
        requestKey,
        answerId(),
        row,
        attempt,
        outcome,
        finishReason,
        usage == null ? null : (long) usage.prompt(),
        usage == null ? null : (long) usage.cached(),
        usage == null ? null : (long) usage.completion(),
        usd,
        model,
        segment,
        segment == null ? null : offset,
        segment == null ? null : length,
        error);
  }

  /** From a record of such a file. */
  static Answered of(Group group) {
    boolean hasUsage = group.getFieldRepetitionCount("prompt_tokens") > 0;
    return new Answered(
        group.getString("request_key", 0),
        group.getInteger("row", 0),
        group.getInteger("attempt", 0),
        group.getString("outcome", 0),
        text(group, "finish_reason"),
        hasUsage
            ? new Usage(
                (int) group.getLong("prompt_tokens", 0),
                (int) group.getLong("cached_tokens", 0),
                (int) group.getLong("completion_tokens", 0),
                false)
            : null,
        group.getFieldRepetitionCount("usd") > 0 ? group.getDouble("usd", 0) : null,
        text(group, "model"),
        text(group, "segment"),
        group.getFieldRepetitionCount("offset") > 0 ? group.getLong("offset", 0) : 0,
        group.getFieldRepetitionCount("length") > 0 ? group.getInteger("length", 0) : 0,
        text(group, "error"));
  }

  private static @Nullable String text(Group group, String field) {
    return group.getFieldRepetitionCount(field) == 0 ? null : group.getString(field, 0);
  }
}
