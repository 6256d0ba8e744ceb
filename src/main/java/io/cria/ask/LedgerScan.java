package io.cria.ask;

import io.cria.llm.LedgerEntry;
import io.cria.llm.LedgerReader;
import io.cria.run.AskContext;
import io.cria.storage.AskedTotals;
import io.cria.storage.LedgerFiles;
import io.cria.storage.RunDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.util.SerializableConfiguration;

/** Segments of the ledger read on the executors, without their texts: what is where. */
public final class LedgerScan {
  private LedgerScan() {}

  /**
   * A line of the ledger and where it stands.
   *
   * @param entry the line without its texts
   * @param segment below the run directory
   */
  record Seen(LedgerEntry entry, String segment) implements Serializable {}

  /**
   * What was found.
   *
   * @param seen every good line
   * @param segments each with what was read of it
   * @param damage torn or damaged lines, each with its place
   */
  record Result(List<Seen> seen, List<AskedTotals.Segment> segments, List<String> damage)
      implements Serializable {}

  /** Whether an answer's text is of use; travels to executors. */
  public interface TextTest extends Predicate<String>, Serializable {}

  /**
   * Scans these segments.
   *
   * @param usable what counts as a text
   */
  static Result of(AskContext context, List<LedgerFiles.Found> segments, TextTest usable) {
    if (segments.isEmpty()) {
      return new Result(List.of(), List.of(), List.of());
    }
    JavaSparkContext spark = new JavaSparkContext(context.spark().sparkContext());
    int slices = Math.min(segments.size(), spark.defaultParallelism() * 2);
    List<Seen> seen = new ArrayList<>();
    List<AskedTotals.Segment> read = new ArrayList<>();
    List<String> damage = new ArrayList<>();
    context.job("look up the ledger");
    for (Result part :
        spark
            .parallelize(segments, slices)
            .mapPartitions(
                new Scan(
                    context.run().root(),
                    new SerializableConfiguration(spark.hadoopConfiguration()),
                    usable))
            .collect()) {
      seen.addAll(part.seen());
      read.addAll(part.segments());
      damage.addAll(part.damage());
    }
    return new Result(seen, read, damage);
  }

  /** Scans one segment on whatever host this is. */
  static void one(
      RunDirectory run,
      LedgerFiles.Found segment,
      Predicate<String> usable,
      Consumer<LedgerEntry> entries,
      List<AskedTotals.Segment> segments,
      List<String> damage) {
    LedgerReader.Report report = scan(run, segment, 0, usable, entries, damage);
    segments.add(new AskedTotals.Segment(segment.path(), report.bytes(), report.records()));
  }

  /**
   * Scans what stands in a segment from a byte on.
   *
   * @param from a byte at which a line begins
   * @param usable what counts as a text
   */
  static void rest(
      RunDirectory run,
      LedgerFiles.Found segment,
      long from,
      Predicate<String> usable,
      Consumer<LedgerEntry> entries,
      List<String> damage) {
    scan(run, segment, from, usable, entries, damage);
  }

  private static LedgerReader.Report scan(
      RunDirectory run,
      LedgerFiles.Found segment,
      long from,
      Predicate<String> usable,
      Consumer<LedgerEntry> entries,
      List<String> damage) {
    try (InputStream in = run.open(segment.path())) {
      in.skipNBytes(from);
      LedgerReader.Report report = LedgerReader.scan(in, segment.path(), usable, entries);
      report.torn().forEach(where -> damage.add("torn last line, ignored: " + where));
      damage.addAll(report.corrupt());
      return report;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the ledger segment " + run.path(segment.path()) + " cannot be read", e);
    }
  }

  private static final class Scan implements FlatMapFunction<Iterator<LedgerFiles.Found>, Result> {
    private static final long serialVersionUID = 1L;

    private final String root;
    private final SerializableConfiguration hadoop;
    private final TextTest usable;

    Scan(String root, SerializableConfiguration hadoop, TextTest usable) {
      this.root = root;
      this.hadoop = hadoop;
      this.usable = usable;
    }

    @Override
    public Iterator<Result> call(Iterator<LedgerFiles.Found> segments) {
      RunDirectory run = RunDirectory.at(root, hadoop.value());
      List<Seen> seen = new ArrayList<>();
      List<AskedTotals.Segment> read = new ArrayList<>();
      List<String> damage = new ArrayList<>();
      while (segments.hasNext()) {
        LedgerFiles.Found segment = segments.next();
        one(run, segment, usable, entry -> seen.add(new Seen(entry, segment.path())), read, damage);
      }
      return List.of(new Result(seen, read, damage)).iterator();
    }
  }
}
