package io.cria.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.cria.testing.FaultCase;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LedgerReaderTest {
  static LedgerRecord record(int row, int attempt, Outcome outcome) {
    return new LedgerRecord(
        "key" + row,
        attempt,
        "generate",
        3,
        row,
        outcome,
        200,
        "stop",
        "{\"raw\":\"\\u00e9 \n\"}",
        "텍스트 \ud83d",
        new Usage(10, 2, 5, false),
        "m",
        1.5e-7,
        "req-1",
        Instant.parse("2026-01-02T03:04:05.678901Z"),
        42,
        "worker-7",
        false,
        null,
        null);
  }

  private static LedgerReader.Report read(byte[] bytes, List<LedgerRecord> records)
      throws IOException {
    return LedgerReader.read(new ByteArrayInputStream(bytes), "seg", records::add);
  }

  private static byte[] lines(int count) {
    StringBuilder text = new StringBuilder();
    for (int row = 0; row < count; row++) {
      text.append(LedgerLines.line(record(row, 1, Outcome.OK))).append('\n');
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void aRecordSurvivesItsLine() throws IOException {
    LedgerRecord full = record(1, 2, Outcome.TERMINAL_PAID);
    LedgerRecord bare =
        new LedgerRecord(
            "k",
            1,
            "s",
            0,
            0,
            Outcome.RETRY_TRANSIENT,
            null,
            null,
            null,
            null,
            null,
            "m",
            null,
            null,
            Instant.EPOCH,
            0,
            true,
            "reset");
    assertThat(LedgerLines.record(LedgerLines.line(full))).isEqualTo(full);
    assertThat(LedgerLines.record(LedgerLines.line(bare))).isEqualTo(bare);
    assertThat(new ObjectMapper().readTree(LedgerLines.line(full)).fieldNames())
        .toIterable()
        .containsExactly(
            "crc32c",
            "attempt",
            "body",
            "error",
            "finish_reason",
            "host",
            "http_status",
            "latency_ms",
            "model",
            "outcome",
            "provider_request_id",
            "request_key",
            "round",
            "row",
            "sent_at",
            "stage",
            "suspected_paid",
            "text",
            "usage",
            "usd");
    assertThat(bare.host()).isNull();
    assertThat(LedgerCodec.utcMicros(bare.sentAt())).isEqualTo("1970-01-01T00:00:00.000000Z");
    assertThat(LedgerCodec.utcMicros(full.sentAt())).isEqualTo("2026-01-02T03:04:05.678901Z");
  }

  @Test
  @FaultCase(21)
  void anEmptySegmentHasNothing() throws IOException {
    List<LedgerRecord> records = new ArrayList<>();
    assertThat(read(new byte[0], records)).isEqualTo(LedgerReader.Report.empty());
    assertThat(records).isEmpty();
  }

  @Test
  @FaultCase(21)
  void aTailTornAnywhereIsIgnoredAndReported() throws IOException {
    byte[] bytes = lines(2);
    int second = bytes.length / 2;
    for (int end = second + 1; end < bytes.length - 1; end++) {
      List<LedgerRecord> records = new ArrayList<>();
      LedgerReader.Report report = read(java.util.Arrays.copyOf(bytes, end), records);
      assertThat(records).containsExactly(record(0, 1, Outcome.OK));
      assertThat(report.torn()).containsExactly("seg:2");
      assertThat(report.wholeBytes()).isEqualTo(second);
      assertThat(report.bytes()).isEqualTo(end);
      assertThat(report.corrupt()).isEmpty();
    }
  }

  @Test
  void aWholeLastLineWithoutLineFeedCounts() throws IOException {
    byte[] bytes = lines(2);
    List<LedgerRecord> records = new ArrayList<>();
    LedgerReader.Report report = read(java.util.Arrays.copyOf(bytes, bytes.length - 1), records);
    assertThat(records).hasSize(2);
    assertThat(report.torn()).isEmpty();
  }

  @Test
  @FaultCase(21)
  void aFlippedBitAnywhereInTheMiddleIsToldAndTheRestUsed() throws IOException {
    byte[] bytes = lines(3);
    int length = bytes.length / 3;
    for (int at = length; at < 2 * length - 1; at++) {
      byte[] damaged = bytes.clone();
      damaged[at] ^= 4;
      List<LedgerRecord> records = new ArrayList<>();
      LedgerReader.Report report = read(damaged, records);
      assertThat(records).containsExactly(record(0, 1, Outcome.OK), record(2, 1, Outcome.OK));
      assertThat(report.corrupt()).isNotEmpty().first().asString().startsWith("seg:2: ");
      assertThat(report.records()).isEqualTo(2);
    }
  }

  @Test
  void reportsAdd() {
    LedgerReader.Report a = new LedgerReader.Report(1, 20, 15, List.of("a:1"), List.of());
    LedgerReader.Report b = new LedgerReader.Report(2, 30, 30, List.of(), List.of("b:3: x"));
    assertThat(a.plus(b))
        .isEqualTo(new LedgerReader.Report(3, 50, 45, List.of("a:1"), List.of("b:3: x")));
  }

  @Test
  void aLineWithoutChecksumIsRefused() {
    assertThatThrownBy(() -> LedgerLines.record("{\"request_key\":\"k\"}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no checksum at its start");
  }
}
