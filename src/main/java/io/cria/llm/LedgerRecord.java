package io.cria.llm;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.task.Ids;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.zip.CRC32C;
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
 * @param sentAt when the attempt was sent, to the millisecond
 * @param latencyMs milliseconds from then to the whole answer or the failure
 * @param suspectedPaid no answer came but the provider may have billed one
 * @param error why it is not {@code ok}, one line without secrets; null where it is
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
    boolean suspectedPaid,
    @Nullable String error) {
  private static final String HEAD = "{\"crc32c\":\"";
  private static final int CHECKSUM_END = HEAD.length() + 8;

  /** A body may be of any length. */
  private static final ObjectMapper JSON =
      new ObjectMapper(
          JsonFactory.builder()
              .streamReadConstraints(
                  StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
              .build());

  private static final DateTimeFormatter SENT_AT =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  public LedgerRecord {
    Objects.requireNonNull(requestKey, "requestKey");
    Objects.requireNonNull(outcome, "outcome");
    if (attempt < 1) {
      throw new IllegalArgumentException("attempt must be at least 1, not " + attempt);
    }
    sentAt = Instant.ofEpochMilli(sentAt.toEpochMilli());
  }

  /** Its answer's id. */
  public String answerId() {
    return Ids.answer(requestKey, attempt);
  }

  LedgerRecord withUsd(@Nullable Double price) {
    return new LedgerRecord(
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
        price,
        providerRequestId,
        sentAt,
        latencyMs,
        suspectedPaid,
        error);
  }

  LedgerRecord withOutcome(Outcome other, @Nullable String why) {
    return new LedgerRecord(
        requestKey,
        attempt,
        stage,
        round,
        row,
        other,
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
        suspectedPaid,
        why);
  }

  /** {@code sent_at} as the ledger spells it: ISO 8601, UTC, milliseconds. */
  public String sentAtText() {
    return SENT_AT.format(sentAt);
  }

  /** The line, without its line feed. */
  public String toLine() {
    Map<String, @Nullable Object> columns = new HashMap<>();
    columns.put("request_key", requestKey);
    columns.put("attempt", attempt);
    columns.put("stage", stage);
    columns.put("round", round);
    columns.put("row", row);
    columns.put("outcome", outcome.word());
    columns.put("http_status", httpStatus);
    columns.put("finish_reason", finishReason);
    columns.put("body", body);
    columns.put("text", text);
    columns.put("usage", usage == null ? null : usageColumns(usage));
    columns.put("model", model);
    columns.put("usd", usd);
    columns.put("provider_request_id", providerRequestId);
    columns.put("sent_at", sentAtText());
    columns.put("latency_ms", latencyMs);
    columns.put("suspected_paid", suspectedPaid);
    columns.put("error", error);
    String rest = CanonicalJson.text(columns);
    return HEAD + checksum(rest) + "\"," + rest.substring(1);
  }

  private static Map<String, Object> usageColumns(Usage usage) {
    return Map.of(
        "prompt", usage.prompt(),
        "cached", usage.cached(),
        "completion", usage.completion(),
        "estimated", usage.estimated());
  }

  /**
   * Reads a line that {@link #toLine} wrote.
   *
   * @throws IllegalArgumentException when the line is damaged; the message says how
   */
  public static LedgerRecord fromLine(String line) {
    if (!line.startsWith(HEAD) || !line.startsWith("\",", CHECKSUM_END)) {
      throw new IllegalArgumentException("no checksum at its start");
    }
    String rest = "{" + line.substring(CHECKSUM_END + 2);
    String told = line.substring(HEAD.length(), CHECKSUM_END);
    String found = checksum(rest);
    if (!told.equals(found)) {
      throw new IllegalArgumentException("checksum " + told + " but content gives " + found);
    }
    try {
      return fromColumns(JSON.readTree(rest));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static LedgerRecord fromColumns(JsonNode columns) {
    JsonNode usage = columns.path("usage");
    return new LedgerRecord(
        columns.required("request_key").textValue(),
        columns.required("attempt").intValue(),
        columns.required("stage").textValue(),
        columns.required("round").intValue(),
        columns.required("row").intValue(),
        Outcome.of(columns.required("outcome").textValue()),
        columns.path("http_status").isInt() ? columns.path("http_status").intValue() : null,
        columns.path("finish_reason").textValue(),
        columns.path("body").textValue(),
        columns.path("text").textValue(),
        usage.isObject()
            ? new Usage(
                usage.path("prompt").intValue(),
                usage.path("cached").intValue(),
                usage.path("completion").intValue(),
                usage.path("estimated").booleanValue())
            : null,
        columns.required("model").textValue(),
        columns.path("usd").isNumber() ? columns.path("usd").doubleValue() : null,
        columns.path("provider_request_id").textValue(),
        Instant.parse(columns.required("sent_at").textValue()),
        columns.required("latency_ms").longValue(),
        columns.path("suspected_paid").booleanValue(),
        columns.path("error").textValue());
  }

  private static String checksum(String rest) {
    CRC32C crc = new CRC32C();
    crc.update(rest.getBytes(StandardCharsets.UTF_8));
    return String.format(Locale.ROOT, "%08x", crc.getValue());
  }
}
