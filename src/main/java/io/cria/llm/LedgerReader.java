package io.cria.llm;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Reads ledger segments. A last line without line feed that does not read is what a crash leaves:
 * it is ignored and reported as torn. Any other line that does not read is corruption: skipped,
 * counted and told with file and line; the lines around it are used.
 */
public final class LedgerReader {
  private LedgerReader() {}

  /**
   * What was found.
   *
   * @param records good lines given out
   * @param bytes bytes read
   * @param wholeBytes bytes before a torn last line; without one, all
   * @param torn {@code file:line} of torn last lines
   * @param corrupt {@code file:line: what is wrong} of damaged lines
   */
  public record Report(
      long records, long bytes, long wholeBytes, List<String> torn, List<String> corrupt) {
    public Report {
      torn = List.copyOf(torn);
      corrupt = List.copyOf(corrupt);
    }

    /** Of no segment. */
    public static Report empty() {
      return new Report(0, 0, 0, List.of(), List.of());
    }

    /** Both together. */
    public Report plus(Report other) {
      List<String> allTorn = new ArrayList<>(torn);
      allTorn.addAll(other.torn);
      List<String> allCorrupt = new ArrayList<>(corrupt);
      allCorrupt.addAll(other.corrupt);
      return new Report(
          records + other.records,
          bytes + other.bytes,
          wholeBytes + other.wholeBytes,
          allTorn,
          allCorrupt);
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
    return lines(
        segment,
        name,
        lines -> LedgerCodec.decode(lines.array(), lines.start(), lines.length()),
        records);
  }

  /**
   * As {@link #read}, but makes no strings of the bodies and texts: for reading many lines.
   *
   * @param segment UTF-8 bytes of the segment, from its first on: offsets count from there
   * @param name the segment's name, for the report
   * @param usable what of a text that is not blank counts as one ({@link
   *     LedgerEntry#hasUsableText})
   */
  public static Report scan(
      InputStream segment, String name, Predicate<String> usable, Consumer<LedgerEntry> entries)
      throws IOException {
    return lines(
        segment,
        name,
        lines ->
            LedgerCodec.entry(lines.array(), lines.start(), lines.length(), lines.offset(), usable),
        entries);
  }

  /** The same where every text that is not blank counts as one. */
  public static Report scan(InputStream segment, String name, Consumer<LedgerEntry> entries)
      throws IOException {
    return scan(segment, name, text -> true, entries);
  }

  /**
   * The record of one line that {@link #scan} told of. Does not close the stream.
   *
   * @param positionedAtOffset a segment, from {@link LedgerEntry#offset} on
   * @param length the line's {@link LedgerEntry#length}
   * @throws IllegalArgumentException when the line is damaged or cut short; the message says how
   */
  public static LedgerRecord record(InputStream positionedAtOffset, int length) throws IOException {
    byte[] line = positionedAtOffset.readNBytes(length);
    if (line.length < length) {
      throw new IllegalArgumentException(
          "it ends after " + line.length + " of " + length + " bytes");
    }
    return LedgerCodec.decode(line, 0, length);
  }

  private static <L> Report lines(
      InputStream segment, String name, Function<SegmentLines, L> decoder, Consumer<L> taker)
      throws IOException {
    long good = 0;
    long whole = 0;
    List<String> torn = new ArrayList<>();
    List<String> corrupt = new ArrayList<>();
    SegmentLines lines = new SegmentLines(segment);
    for (int number = 1; lines.next(); number++) {
      long end = lines.offset() + lines.length() + (lines.isTerminated() ? 1 : 0);
      L line;
      try {
        line = decoder.apply(lines);
      } catch (IllegalArgumentException e) {
        String where = name + ":" + number;
        if (!lines.isTerminated()) {
          torn.add(where);
          return new Report(good, end, whole, torn, corrupt);
        }
        corrupt.add(where + ": " + e.getMessage());
        whole = end;
        continue;
      }
      whole = end;
      good++;
      taker.accept(line);
    }
    return new Report(good, whole, whole, torn, corrupt);
  }
}
