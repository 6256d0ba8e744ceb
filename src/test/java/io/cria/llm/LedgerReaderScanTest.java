package io.cria.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cria.task.Amount;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reading a segment without its texts, and one line of it by its place. */
class LedgerReaderScanTest {
  private static LedgerRecord record(int row, @Nullable String body, @Nullable String text) {
    return new LedgerRecord(
        "key" + row,
        1 + row,
        "generate",
        3,
        row,
        Outcome.TERMINAL_PAID,
        200,
        "length",
        body,
        text,
        new Usage(10, 2, 5, true),
        "m",
        1.5e-7,
        "req-1",
        Instant.parse("2026-01-02T03:04:05.678901Z"),
        42,
        "worker-7",
        true,
        "cut by length",
        new Amount(1, 40, 12_345));
  }

  private static byte[] segment(List<LedgerRecord> records) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    records.forEach(
        record ->
            bytes.writeBytes((LedgerLines.line(record) + "\n").getBytes(StandardCharsets.UTF_8)));
    return bytes.toByteArray();
  }

  private static List<LedgerEntry> scan(InputStream in) throws IOException {
    List<LedgerEntry> entries = new ArrayList<>();
    LedgerReader.Report report = LedgerReader.scan(in, "seg", entries::add);
    assertThat(report.records()).isEqualTo(entries.size());
    return entries;
  }

  @Test
  void anEntryHasTheLinesColumnsAndItsPlace() throws IOException {
    LedgerRecord first = record(0, "{\"a\":\"é\\n\"}", "한국어");
    LedgerRecord second = record(1, null, null);
    byte[] bytes = segment(List.of(first, second));
    int firstLength = LedgerLines.line(first).getBytes(StandardCharsets.UTF_8).length;
    List<LedgerEntry> entries = scan(new ByteArrayInputStream(bytes));
    assertThat(entries.get(0))
        .isEqualTo(
            new LedgerEntry(
                "key0",
                1,
                3,
                0,
                Outcome.TERMINAL_PAID,
                200,
                "length",
                new Usage(10, 2, 5, true),
                "m",
                1.5e-7,
                first.sentAt(),
                true,
                new Amount(1, 40, 12_345),
                "cut by length",
                true,
                0,
                firstLength,
                LedgerCodec.checksum(LedgerCodec.encode(first))));
    assertThat(entries.get(1).offset()).isEqualTo(firstLength + 1);
    assertThat(entries.get(1).hasUsableText()).isFalse();
    assertThat(entries.get(1).answerId()).isEqualTo("key1.2");
    assertThat(Winner.ORDER.compare(entries.get(0), entries.get(1))).isNegative();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\n\t \u2003"})
  void aTextOfWhiteSpaceIsNoText(String blank) throws IOException {
    byte[] bytes = segment(List.of(record(0, "{}", blank), record(1, "{}", blank + ".")));
    assertThat(scan(new ByteArrayInputStream(bytes)))
        .extracting(LedgerEntry::hasUsableText)
        .containsExactly(false, true);
  }

  @Test
  void linesLongerThanAnyBufferAreReadWhereverReadsEnd() throws IOException {
    List<LedgerRecord> records = new ArrayList<>();
    for (int row = 0; row < 40; row++) {
      records.add(record(row, "b".repeat(row * 9_001), "t".repeat(row % 7)));
    }
    byte[] bytes = segment(records);
    InputStream inDrops =
        new ByteArrayInputStream(bytes) {
          @Override
          public synchronized int read(byte[] into, int offset, int length) {
            return super.read(into, offset, Math.min(length, 4_093));
          }
        };
    for (LedgerEntry entry : scan(inDrops)) {
      InputStream at = new ByteArrayInputStream(bytes);
      at.skipNBytes(entry.offset());
      assertThat(LedgerReader.record(at, entry.length())).isEqualTo(records.get(entry.row()));
    }
  }

  @Test
  void aPinnedLineThatIsDamagedOrCutShortIsRefused() throws IOException {
    byte[] bytes = segment(List.of(record(0, "{}", "text")));
    int length = bytes.length - 1;
    for (int at = 0; at < length; at++) {
      byte[] damaged = bytes.clone();
      damaged[at] ^= 4;
      assertThatThrownBy(() -> LedgerReader.record(new ByteArrayInputStream(damaged), length))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(
            () -> LedgerReader.record(new ByteArrayInputStream(bytes, 0, length - 1), length))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("it ends after " + (length - 1) + " of " + length + " bytes");
  }

  @Test
  void whatScanLeavesOutReadLeavesOutToo() throws IOException {
    byte[] bytes = segment(List.of(record(0, "{}", "a"), record(1, "{}", "b"), record(2, "", "")));
    bytes[bytes.length / 2] ^= 1;
    for (int end = 0; end <= bytes.length; end++) {
      List<String> entries = new ArrayList<>();
      List<String> records = new ArrayList<>();
      LedgerReader.Report scanned =
          LedgerReader.scan(
              new ByteArrayInputStream(bytes, 0, end), "seg", e -> entries.add(e.requestKey()));
      LedgerReader.Report read =
          LedgerReader.read(
              new ByteArrayInputStream(bytes, 0, end), "seg", r -> records.add(r.requestKey()));
      assertThat(entries).isEqualTo(records);
      assertThat(scanned).isEqualTo(read);
    }
  }
}
