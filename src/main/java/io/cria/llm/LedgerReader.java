package io.cria.llm;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Reads ledger segments. A last line without line feed that does not read is what a crash leaves:
 * it is ignored and reported as torn. Any other line that does not read is corruption: skipped,
 * counted and told with file and line; the lines around it are used.
 */
public final class LedgerReader {
  private LedgerReader() {}

  /**
   * What was found beside good records.
   *
   * @param records good records given out
   * @param torn {@code file:line} of torn last lines
   * @param corrupt {@code file:line: what is wrong} of damaged lines
   */
  public record Report(long records, List<String> torn, List<String> corrupt) {
    public Report {
      torn = List.copyOf(torn);
      corrupt = List.copyOf(corrupt);
    }

    /** Of no segment. */
    public static Report empty() {
      return new Report(0, List.of(), List.of());
    }

    /** Both together. */
    public Report plus(Report other) {
      List<String> allTorn = new ArrayList<>(torn);
      allTorn.addAll(other.torn);
      List<String> allCorrupt = new ArrayList<>(corrupt);
      allCorrupt.addAll(other.corrupt);
      return new Report(records + other.records, allTorn, allCorrupt);
    }
  }

  /**
   * Gives each good record of a segment to {@code records}, in file order. Does not close the
   * stream.
   *
   * @param segment UTF-8 bytes of the segment
   * @param name the segment's name, for the report
   */
  public static Report read(InputStream segment, String name, Consumer<LedgerRecord> records)
      throws IOException {
    long good = 0;
    List<String> torn = new ArrayList<>();
    List<String> corrupt = new ArrayList<>();
    InputStream in = new BufferedInputStream(segment, 1 << 16);
    ByteArrayOutputStream line = new ByteArrayOutputStream(1 << 13);
    for (int number = 1; ; number++) {
      boolean terminated = readLine(in, line);
      if (!terminated && line.size() == 0) {
        return new Report(good, torn, corrupt);
      }
      String where = name + ":" + number;
      LedgerRecord record;
      try {
        record = LedgerRecord.fromLine(line.toString(StandardCharsets.UTF_8));
      } catch (IllegalArgumentException e) {
        if (terminated) {
          corrupt.add(where + ": " + e.getMessage());
        } else {
          torn.add(where);
        }
        continue;
      }
      good++;
      records.accept(record);
    }
  }

  private static boolean readLine(InputStream in, ByteArrayOutputStream line) throws IOException {
    line.reset();
    for (int b = in.read(); b >= 0; b = in.read()) {
      if (b == '\n') {
        return true;
      }
      line.write(b);
    }
    return false;
  }
}
