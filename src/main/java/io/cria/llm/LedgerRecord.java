package io.cria.llm;

import io.cria.task.Amount;
import io.cria.task.Ids;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to have a request answered, with the raw answer. As a line: {@code
 * {"crc32c":"0a1b2c3d",…}}, where the rest is {@link CanonicalJson} of the columns and the checksum
 * is CRC-32C, eight lower-case hexadecimal digits, over the UTF-8 bytes of the line's object
 * without the {@code crc32c} member.
 *
 * @param requestKey the request's key
 * @param attempt from 1, counted through restarts
 * @param stage the request's stage
 * @param round the request's round
 * @param row the request's row
 * @param outcome what it came to
 * @param httpStatus null where no answer came
 * @param finishReason the provider's word; null where none was given
 * @param body the raw answer, with the caller's own key blacked out should a server echo it; null
 *     where none came
 * @param text the answer's text; null where none could be read
 * @param usage tokens; null where nothing was answered
 * @param model the model that answered, by its own word; the one asked where it gave none
 * @param usd price of the answer; null where the price or the usage is not known
 * @param providerRequestId the provider's id of the exchange, for a complaint; null where none was
 *     given
 * @param sentAt when the attempt was sent, to the microsecond
 * @param latencyMs milliseconds from then to the whole answer or the failure
 * @param host name of the host that asked; null where it was not told
 * @param suspectedPaid no answer came but the provider may have billed one
 * @param error why it is not {@code ok}, one line without secrets; null where it is
 * @param reserved what it counts at most, in tokens and US dollars, where it is not known what was
 *     billed; null where it is
 */
public record LedgerRecord(
    String requestKey,
    int attempt,
    String stage,
    int round,
    int row,
    Outcome outcome,
    @Nullable Integer httpStatus,
    @Nullable String finishReason,
    @Nullable String body,
    @Nullable String text,
    @Nullable Usage usage,
    String model,
    @Nullable Double usd,
    @Nullable String providerRequestId,
    Instant sentAt,
    long latencyMs,
    @Nullable String host,
    boolean suspectedPaid,
    @Nullable String error,
    @Nullable Amount reserved) {
  public LedgerRecord {
    Objects.requireNonNull(requestKey, "requestKey");
    Objects.requireNonNull(outcome, "outcome");
    if (attempt < 1) {
      throw new IllegalArgumentException("attempt must be at least 1, not " + attempt);
    }
    sentAt = sentAt.truncatedTo(ChronoUnit.MICROS);
  }

  /** An attempt whose host is not told. */
  public LedgerRecord(
      String requestKey,
      int attempt,
      String stage,
      int round,
      int row,
      Outcome outcome,
      @Nullable Integer httpStatus,
      @Nullable String finishReason,
      @Nullable String body,
      @Nullable String text,
      @Nullable Usage usage,
      String model,
      @Nullable Double usd,
      @Nullable String providerRequestId,
      Instant sentAt,
      long latencyMs,
      boolean suspectedPaid,
      @Nullable String error) {
    this(
        requestKey,
        attempt,
        stage,
        round,
        row,
        outcome,
        httpStatus,
        finishReason,
        body,
        text,
        usage,
        model,
        usd,
        providerRequestId,
        sentAt,
        latencyMs,
        null,
        suspectedPaid,
        error,
        null);
  }

  /** Its answer's id. */
  public String answerId() {
    return Ids.answer(requestKey, attempt);
  }

  LedgerRecord withUsd(@Nullable Double price) {
    return with(outcome, price, host, error, reserved);
  }

  LedgerRecord withHost(@Nullable String name) {
    return with(outcome, usd, name, error, reserved);
  }

  LedgerRecord withReserved(@Nullable Amount worst) {
    return with(outcome, usd, host, error, worst);
  }

  LedgerRecord withOutcome(Outcome other, @Nullable String why) {
    return with(other, usd, host, why, reserved);
  }

  private LedgerRecord with(
      Outcome newOutcome,
      @Nullable Double newUsd,
      @Nullable String newHost,
      @Nullable String newError,
      @Nullable Amount newReserved) {
    return new LedgerRecord(
        requestKey,
        attempt,
        stage,
        round,
        row,
        newOutcome,
        httpStatus,
        finishReason,
        body,
        text,
        usage,
        model,
        newUsd,
        providerRequestId,
        sentAt,
        latencyMs,
        newHost,
        suspectedPaid,
        newError,
        newReserved);
  }
}
