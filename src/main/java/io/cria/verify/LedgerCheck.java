package io.cria.verify;

import static org.apache.spark.sql.functions.col;

import io.cria.llm.LedgerReader;
import io.cria.llm.LedgerRecord;
import io.cria.llm.Usage;
import io.cria.storage.AskedTotals;
import io.cria.storage.LedgerFiles;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * The ledger's lines by their checksums, and the answers that count where they are said to stand.
 */
final class LedgerCheck {
  private final SparkSession session;
  private final RunDirectory run;
  private final SerializableConfiguration hadoop;

  LedgerCheck(SparkSession session, RunDirectory run) {
    this.session = session;
    this.run = run;
    this.hadoop = new SerializableConfiguration(session.sparkContext().hadoopConfiguration());
  }

  /**
   * Every line of every segment, and no less of a segment than was read when a part was settled.
   */
  void segments(Units units, Verified.Builder out) {
    Map<String, Settled> all = new TreeMap<>();
    LedgerFiles.segments(run).forEach(s -> all.put(s.path(), new Settled(s.path(), 0, 0)));
    for (Manifest manifest : units.all().values()) {
      AskedTotals asked = manifest.asked();
      if (asked != null) {
        asked
            .segments()
            .forEach(s -> all.put(s.name(), new Settled(s.name(), s.bytes(), s.records())));
      }
    }
    if (all.isEmpty()) {
      return;
    }
    long lines = 0;
    long torn = 0;
    for (Lines found : lines(new ArrayList<>(all.values()))) {
      out.findings().add(found.findings());
      lines += found.lines();
      torn += found.torn();
    }
    out.checked("ledger", lines, "each line's checksum");
    if (torn > 0) {
      out.note(torn + " last lines of ledger segments are torn, as a killed driver leaves them");
    }
  }

  private List<Lines> lines(List<Settled> segments) {
    ReadLines read = new ReadLines(run.root(), hadoop);
    if (LedgerFiles.segments(run).stream().mapToLong(LedgerFiles.Found::bytes).sum()
        <= TableFiles.HELD_BYTES) {
      return List.of(read.call(segments.iterator()).next());
    }
    JavaSparkContext spark = new JavaSparkContext(session.sparkContext());
    session.sparkContext().setJobDescription("cria: lines of the ledger");
    return spark
        .parallelize(segments, Math.min(segments.size(), 4 * spark.defaultParallelism()))
        .mapPartitions(read)
        .collect();
  }

  /** A segment with what of it was read when a part was settled. */
  private record Settled(String path, long bytes, long records) implements Serializable {}

  private record Lines(Findings findings, long lines, long torn) implements Serializable {}

  private static final class ReadLines implements FlatMapFunction<Iterator<Settled>, Lines> {
    private static final long serialVersionUID = 1L;

    private final String root;
    private final SerializableConfiguration hadoop;

    ReadLines(String root, SerializableConfiguration hadoop) {
      this.root = root;
      this.hadoop = hadoop;
    }

    @Override
    public Iterator<Lines> call(Iterator<Settled> segments) {
      RunDirectory run = RunDirectory.at(root, hadoop.value());
      Findings findings = new Findings();
      long lines = 0;
      long torn = 0;
      while (segments.hasNext()) {
        Settled segment = segments.next();
        if (!run.exists(segment.path())) {
          findings.add(segment.path(), "is missing, with answers that the run counts on");
          continue;
        }
        LedgerReader.Report report = read(run, segment.path());
        report.corrupt().forEach(line -> findings.add(place(line), "is damaged: " + why(line)));
        lines += report.records();
        torn += report.torn().size();
        if (report.records() < segment.records() && report.corrupt().isEmpty()) {
          findings.add(
              segment.path(),
              "has "
                  + report.records()
                  + " lines that read, and had "
                  + segment.records()
                  + " when its part was settled");
        }
      }
      return List.of(new Lines(findings, lines, torn)).iterator();
    }

    private static LedgerReader.Report read(RunDirectory run, String path) {
      Consumer<LedgerRecord> unused = record -> {};
      try (InputStream in = run.open(path)) {
        return LedgerReader.read(in, path, unused);
      } catch (IOException e) {
        return new LedgerReader.Report(
            0, 0, 0, List.of(), List.of(path + ":1: cannot be read (" + e.getMessage() + ")"));
      }
    }

    /** Reports tell {@code file:line: what}. */
    private static String place(String line) {
      return line.substring(0, between(line));
    }

    private static String why(String line) {
      return line.substring(Math.min(line.length(), between(line) + 2));
    }

    private static int between(String line) {
      int at = line.indexOf(": ");
      return at < 0 ? line.length() : at;
    }
  }

  /** The answers that count, each read at its place. */
  void pinned(TableFiles answers, Findings findings) {
    Dataset<Row> rows =
        answers
            .rows()
            .filter("segment is not null")
            .select(
                col("segment"),
                col("offset"),
                col("length"),
                col("answer_id"),
                col("outcome"),
                col("prompt_tokens"),
                col("completion_tokens"),
                col(TableFiles.FILE),
                col(TableFiles.AT));
    Pinned pinned = new Pinned(run.root(), hadoop);
    if (answers.isSmall()) {
      Comparator<Row> bySegment = Comparator.comparing(row -> row.getString(0));
      Iterator<Row> sorted =
          rows.collectAsList().stream()
              .sorted(bySegment.thenComparing(row -> row.getLong(1)))
              .iterator();
      findings.add(pinned.call(sorted).next());
      return;
    }
    session.sparkContext().setJobDescription("cria: answers in the ledger");
    rows.repartition(col("segment"))
        .sortWithinPartitions("segment", "offset")
        .toJavaRDD()
        .mapPartitions(pinned)
        .collect()
        .forEach(findings::add);
  }

  private static final class Pinned implements FlatMapFunction<Iterator<Row>, Findings> {
    private static final long serialVersionUID = 1L;

    private final String root;
    private final SerializableConfiguration hadoop;

    Pinned(String root, SerializableConfiguration hadoop) {
      this.root = root;
      this.hadoop = hadoop;
    }

    @Override
    public Iterator<Findings> call(Iterator<Row> answers) {
      RunDirectory run = RunDirectory.at(root, hadoop.value());
      Findings findings = new Findings();
      String open = "";
      FSDataInputStream in = null;
      try {
        while (answers.hasNext()) {
          Row answer = answers.next();
          String segment = answer.getString(0);
          if (!segment.equals(open)) {
            close(in);
            in = run.exists(segment) ? run.open(segment) : null;
            open = segment;
          }
          String wrong = wrong(answer, in);
          if (wrong != null) {
            findings.add(
                answer.getString(7) + ", row " + answer.getLong(8),
                answer.getString(3) + " at byte " + answer.get(1) + " of " + segment + " " + wrong);
          }
        }
      } finally {
        close(in);
      }
      return List.of(findings).iterator();
    }

    private static void close(@Nullable FSDataInputStream in) {
      try {
        if (in != null) {
          in.close();
        }
      } catch (IOException e) {
        throw new UncheckedIOException("a segment of the ledger cannot be closed", e);
      }
    }

    private static @Nullable String wrong(Row answer, @Nullable FSDataInputStream in) {
      if (in == null) {
        return "is gone with that file";
      }
      try {
        in.seek(answer.getLong(1));
        LedgerRecord record = LedgerReader.record(in, answer.getInt(2));
        Usage usage = record.usage();
        boolean same =
            record.outcome().word().equals(answer.getString(4))
                && (usage == null
                    ? answer.isNullAt(5)
                    : Objects.equals((long) usage.prompt(), answer.get(5))
                        && Objects.equals((long) usage.completion(), answer.get(6)));
        if (!record.answerId().equals(answer.getString(3))) {
          return "is another answer there, " + record.answerId();
        }
        return same ? null : "has another outcome or usage there";
      } catch (IOException | IllegalArgumentException e) {
        return "cannot be read there: " + e.getMessage();
      }
    }
  }
}
