package io.cria.llm;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Records as lines of a ledger, and back. */
public final class LedgerLines {
  private LedgerLines() {}

  /** The line, without its line feed. */
  public static String line(LedgerRecord record) {
    return new String(LedgerCodec.encode(record), StandardCharsets.UTF_8);
  }

  /**
   * The record of a line.
   *
   * @throws IllegalArgumentException when the line is damaged
   */
  static LedgerRecord record(String line) {
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    return LedgerCodec.decode(bytes, 0, bytes.length);
  }

  /** What a scan tells of a record that stands first in its segment. */
  static LedgerEntry entry(LedgerRecord record) {
    List<LedgerEntry> entries = new ArrayList<>();
    byte[] bytes = (line(record) + "\n").getBytes(StandardCharsets.UTF_8);
    try {
      LedgerReader.scan(new ByteArrayInputStream(bytes), "one", text -> true, entries::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return entries.get(0);
  }
}
