package io.cria.llm;

import io.cria.task.Amount;
import io.cria.task.Ids;
import java.io.Serializable;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A line of the ledger without its texts, and where it stands: {@link LedgerReader#record} reads
 * the whole of it. Columns are those of {@link LedgerRecord}.
 *
 * @param model null where the line has none
 * @param hasUsableText whether {@code text} has a character that is not white space, and counts as
 *     a text by whoever had it scanned
 * @param offset bytes of the segment before the line
 * @param length bytes of the line, without its line feed
 * @param checksum CRC-32C of its content, verified
 */
public record LedgerEntry(
    String requestKey,
    int attempt,
    int round,
    int row,
    Outcome outcome,
    @Nullable Integer httpStatus,
    @Nullable String finishReason,
    @Nullable Usage usage,
    @Nullable String model,
    @Nullable Double usd,
    Instant sentAt,
    boolean suspectedPaid,
    @Nullable Amount reserved,
    @Nullable String error,
    boolean hasUsableText,
    long offset,
    int length,
    long checksum)
    implements Serializable {
  public LedgerEntry {
    Objects.requireNonNull(requestKey, "requestKey");
    Objects.requireNonNull(outcome, "outcome");
    Objects.requireNonNull(sentAt, "sentAt");
    if (attempt < 1 || offset < 0 || length < 1) {
      throw new IllegalArgumentException(
          "attempt " + attempt + " at " + offset + " of " + length + " bytes is no ledger line");
    }
  }

  /** Its answer's id. */
  public String answerId() {
    return Ids.answer(requestKey, attempt);
  }
}
