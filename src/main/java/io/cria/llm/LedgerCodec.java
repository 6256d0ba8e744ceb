package io.cria.llm;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.cria.task.Amount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.function.Predicate;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** A ledger's line as bytes: the form is told at {@link LedgerRecord}. */
final class LedgerCodec {
  private static final byte[] HEAD = "{\"crc32c\":\"".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] AFTER_CHECKSUM = "\",".getBytes(StandardCharsets.US_ASCII);
  private static final int CHECKSUM_DIGITS = 8;

  /** Where the columns begin, which the checksum sees behind an opening brace. */
  private static final int COLUMNS = HEAD.length + CHECKSUM_DIGITS + AFTER_CHECKSUM.length;

  /** A body may be of any length. */
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
          .build();

  private LedgerCodec() {}

  /** The line, without its line feed. */
  static byte[] encode(LedgerRecord record) {
    return written(record).toArray();
  }

  /** The line with its line feed. */
  static byte[] encodeWithLineFeed(LedgerRecord record) {
    return written(record).put('\n').toArray();
  }

  private static JsonBytes written(LedgerRecord record) {
    JsonBytes out = new JsonBytes(expectedSize(record));
    for (byte b : HEAD) {
      out.put((char) b);
    }
    out.ascii("00000000\",");
    columns(record, out);
    long checksum = checksum(out.array(), COLUMNS, out.size() - COLUMNS);
    byte[] bytes = out.array();
    for (int i = 0; i < CHECKSUM_DIGITS; i++) {
      int digit = (int) (checksum >> (4 * (CHECKSUM_DIGITS - 1 - i))) & 0xf;
      bytes[HEAD.length + i] = (byte) Character.forDigit(digit, 16);
    }
    return out;
  }

  private static int expectedSize(LedgerRecord record) {
    long texts = length(record.body()) + length(record.text()) + length(record.error());
    return (int) Math.min(1 << 30, 768 + texts + texts / 8);
  }

  private static long length(@Nullable String text) {
    return text == null ? 0 : text.length();
  }

  /** The columns by name, in the order of the names, and the closing brace. */
  private static void columns(LedgerRecord record, JsonBytes out) {
    out.ascii("\"attempt\":").ascii(Integer.toString(record.attempt()));
    string(out.ascii(",\"body\":"), record.body());
    string(out.ascii(",\"error\":"), record.error());
    string(out.ascii(",\"finish_reason\":"), record.finishReason());
    string(out.ascii(",\"host\":"), record.host());
    Integer status = record.httpStatus();
    out.ascii(",\"http_status\":").ascii(status == null ? "null" : status.toString());
    out.ascii(",\"latency_ms\":").ascii(Long.toString(record.latencyMs()));
    string(out.ascii(",\"model\":"), record.model());
    string(out.ascii(",\"outcome\":"), record.outcome().word());
    string(out.ascii(",\"provider_request_id\":"), record.providerRequestId());
    string(out.ascii(",\"request_key\":"), record.requestKey());
    reserved(out, record.reserved());
    out.ascii(",\"round\":").ascii(Integer.toString(record.round()));
    out.ascii(",\"row\":").ascii(Integer.toString(record.row()));
    out.ascii(",\"sent_at\":\"").ascii(utcMicros(record.sentAt())).put('"');
    string(out.ascii(",\"stage\":"), record.stage());
    out.ascii(",\"suspected_paid\":").ascii(Boolean.toString(record.suspectedPaid()));
    string(out.ascii(",\"text\":"), record.text());
    out.ascii(",\"usage\":");
    usage(out, record.usage());
    Double usd = record.usd();
    out.ascii(",\"usd\":").ascii(usd == null ? "null" : CanonicalJson.number(usd)).put('}');
  }

  private static void string(JsonBytes out, @Nullable String value) {
    if (value == null) {
      out.ascii("null");
    } else {
      out.string(value);
    }
  }

  /** Left out where there is none, which is the rule. */
  private static void reserved(JsonBytes out, @Nullable Amount worst) {
    if (worst != null) {
      out.ascii(",\"reserved_tokens\":").ascii(Long.toString(worst.tokens()));
      out.ascii(",\"reserved_usd\":").ascii(worst.usd().toPlainString());
    }
  }

  private static void usage(JsonBytes out, @Nullable Usage usage) {
    if (usage == null) {
      out.ascii("null");
      return;
    }
    out.ascii("{\"cached\":").ascii(Integer.toString(usage.cached()));
    out.ascii(",\"completion\":").ascii(Integer.toString(usage.completion()));
    out.ascii(",\"estimated\":").ascii(Boolean.toString(usage.estimated()));
    out.ascii(",\"prompt\":").ascii(Integer.toString(usage.prompt())).put('}');
  }

  /** ISO 8601 in UTC with six digits of the second's fraction. */
  static String utcMicros(Instant time) {
    LocalDateTime utc =
        LocalDateTime.ofEpochSecond(time.getEpochSecond(), time.getNano(), ZoneOffset.UTC);
    StringBuilder text = new StringBuilder(32);
    digits(text, utc.getYear(), 1000);
    digits(text.append('-'), utc.getMonthValue(), 10);
    digits(text.append('-'), utc.getDayOfMonth(), 10);
    digits(text.append('T'), utc.getHour(), 10);
    digits(text.append(':'), utc.getMinute(), 10);
    digits(text.append(':'), utc.getSecond(), 10);
    digits(text.append('.'), utc.getNano() / 1000, 100_000);
    return text.append('Z').toString();
  }

  private static void digits(StringBuilder text, int value, int highest) {
    for (int unit = highest; unit > 0; unit /= 10) {
      text.append((char) ('0' + value / unit % 10));
    }
  }

  /**
   * Reads a line, texts and all.
   *
   * @throws IllegalArgumentException when it is damaged; the message says how
   */
  static LedgerRecord decode(byte[] bytes, int start, int length) {
    verifiedChecksum(bytes, start, length);
    Columns columns = Columns.read(bytes, start, length, null);
    return new LedgerRecord(
        columns.required("request_key", columns.requestKey),
        columns.attempt,
        columns.required("stage", columns.stage),
        columns.round,
        columns.row,
        columns.outcome(),
        columns.httpStatus,
        columns.finishReason,
        columns.body,
        columns.text,
        columns.usage,
        columns.required("model", columns.model),
        columns.usd,
        columns.providerRequestId,
        columns.sentAt(),
        columns.latencyMs,
        columns.host,
        columns.suspectedPaid,
        columns.error,
        columns.reserved());
  }

  /**
   * Reads a line without its texts.
   *
   * @param offset bytes of the segment before the line
   * @param usable what of a text that is not blank counts as one
   * @throws IllegalArgumentException when it is damaged; the message says how
   */
  static LedgerEntry entry(
      byte[] bytes, int start, int length, long offset, Predicate<String> usable) {
    long checksum = verifiedChecksum(bytes, start, length);
    Columns columns = Columns.read(bytes, start, length, usable);
    return new LedgerEntry(
        columns.required("request_key", columns.requestKey),
        columns.attempt,
        columns.round,
        columns.row,
        columns.outcome(),
        columns.httpStatus,
        columns.finishReason,
        columns.usage,
        columns.model,
        columns.usd,
        columns.sentAt(),
        columns.suspectedPaid,
        columns.reserved(),
        columns.error,
        columns.hasText,
        offset,
        length,
        checksum);
  }

  /** The checksum a line of these bytes bears. */
  static long checksum(byte[] line) {
    return checksum(line, COLUMNS, line.length - COLUMNS);
  }

  private static long checksum(byte[] bytes, int columns, int length) {
    CRC32C crc = new CRC32C();
    crc.update('{');
    crc.update(bytes, columns, length);
    return crc.getValue();
  }

  private static long verifiedChecksum(byte[] bytes, int start, int length) {
    if (length <= COLUMNS
        || !isAt(bytes, start, HEAD)
        || !isAt(bytes, start + HEAD.length + CHECKSUM_DIGITS, AFTER_CHECKSUM)) {
      throw new IllegalArgumentException("no checksum at its start");
    }
    String told =
        new String(bytes, start + HEAD.length, CHECKSUM_DIGITS, StandardCharsets.ISO_8859_1);
    long found = checksum(bytes, start + COLUMNS, length - COLUMNS);
    if (!told.equals(hexadecimal(found))) {
      throw new IllegalArgumentException(
          "checksum " + told + " but content gives " + hexadecimal(found));
    }
    return found;
  }

  private static String hexadecimal(long checksum) {
    String digits = Long.toHexString(checksum);
    return "0".repeat(CHECKSUM_DIGITS - digits.length()) + digits;
  }

  private static boolean isAt(byte[] bytes, int at, byte[] wanted) {
    for (int i = 0; i < wanted.length; i++) {
      if (bytes[at + i] != wanted[i]) {
        return false;
      }
    }
    return true;
  }

  /** A line's columns while they are read; unknown ones are passed over. */
  private static final class Columns {
    private @Nullable String requestKey;
    private int attempt;
    private @Nullable String stage;
    private int round;
    private int row;
    private @Nullable String outcome;
    private @Nullable Integer httpStatus;
    private @Nullable String finishReason;
    private @Nullable String body;
    private @Nullable String text;
    private boolean hasText;
    private @Nullable Usage usage;
    private @Nullable String model;
    private @Nullable Double usd;
    private @Nullable String providerRequestId;
    private @Nullable String sentAt;
    private long latencyMs;
    private @Nullable String host;
    private boolean suspectedPaid;
    private @Nullable String error;
    private @Nullable Long reservedTokens;
    private @Nullable BigDecimal reservedUsd;

    /**
     * @param usable asked of a text that is not kept; null where body and text are
     */
    static Columns read(byte[] bytes, int start, int length, @Nullable Predicate<String> usable) {
      Columns columns = new Columns();
      try (JsonParser json = JSON.createParser(bytes, start, length)) {
        json.nextToken();
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
          json.nextToken();
          columns.column(name, json, usable);
        }
        if (json.currentToken() != JsonToken.END_OBJECT) {
          throw new IllegalArgumentException("not a JSON object");
        }
        return columns;
      } catch (JsonProcessingException e) {
        throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
      } catch (IOException e) {
        throw new UncheckedIOException("bytes in memory cannot be read", e);
      }
    }

    private void column(String name, JsonParser json, @Nullable Predicate<String> usable)
        throws IOException {
      switch (name) {
        case "request_key" -> requestKey = string(json);
        case "attempt" -> attempt = json.getIntValue();
        case "stage" -> stage = string(json);
        case "round" -> round = json.getIntValue();
        case "row" -> row = json.getIntValue();
        case "outcome" -> outcome = string(json);
        case "http_status" -> httpStatus = isNumber(json) ? json.getIntValue() : null;
        case "finish_reason" -> finishReason = string(json);
        case "body" -> body = usable == null ? string(json) : null;
        case "text" -> text(json, usable);
        case "usage" -> usage = usage(json);
        case "model" -> model = string(json);
        case "usd" -> usd = isNumber(json) ? json.getDoubleValue() : null;
        case "provider_request_id" -> providerRequestId = string(json);
        case "sent_at" -> sentAt = string(json);
        case "latency_ms" -> latencyMs = json.getLongValue();
        case "host" -> host = string(json);
        case "suspected_paid" -> suspectedPaid = json.currentToken() == JsonToken.VALUE_TRUE;
        case "error" -> error = string(json);
        case "reserved_tokens" -> reservedTokens = isNumber(json) ? json.getLongValue() : null;
        case "reserved_usd" -> reservedUsd = isNumber(json) ? json.getDecimalValue() : null;
        default -> json.skipChildren();
      }
    }

    private void text(JsonParser json, @Nullable Predicate<String> usable) throws IOException {
      if (usable == null) {
        text = string(json);
      } else if (json.currentToken() == JsonToken.VALUE_STRING) {
        char[] characters = json.getTextCharacters();
        int end = json.getTextOffset() + json.getTextLength();
        for (int i = json.getTextOffset(); i < end && !hasText; i++) {
          hasText = !Character.isWhitespace(characters[i]);
        }
        hasText =
            hasText
                && usable.test(new String(characters, json.getTextOffset(), json.getTextLength()));
      }
    }

    private static @Nullable String string(JsonParser json) throws IOException {
      if (json.currentToken() == JsonToken.VALUE_STRING) {
        return json.getText();
      }
      json.skipChildren();
      return null;
    }

    private static boolean isNumber(JsonParser json) throws IOException {
      json.skipChildren();
      return json.currentToken().isNumeric();
    }

    private static @Nullable Usage usage(JsonParser json) throws IOException {
      if (json.currentToken() != JsonToken.START_OBJECT) {
        json.skipChildren();
        return null;
      }
      int prompt = 0;
      int cached = 0;
      int completion = 0;
      boolean estimated = false;
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        json.nextToken();
        switch (name) {
          case "prompt" -> prompt = json.getIntValue();
          case "cached" -> cached = json.getIntValue();
          case "completion" -> completion = json.getIntValue();
          case "estimated" -> estimated = json.getBooleanValue();
          default -> json.skipChildren();
        }
      }
      return new Usage(prompt, cached, completion, estimated);
    }

    private <T> T required(String name, @Nullable T value) {
      if (value == null) {
        throw new IllegalArgumentException("no column " + name);
      }
      return value;
    }

    private @Nullable Amount reserved() {
      return reservedTokens == null
          ? null
          : new Amount(1, reservedTokens, reservedUsd == null ? 0 : Amount.nanoUsd(reservedUsd));
    }

    private Outcome outcome() {
      return Outcome.of(required("outcome", outcome));
    }

    private Instant sentAt() {
      String told = required("sent_at", sentAt);
      try {
        return Instant.parse(told);
      } catch (DateTimeException e) {
        throw new IllegalArgumentException("no time: " + told, e);
      }
    }
  }
}
