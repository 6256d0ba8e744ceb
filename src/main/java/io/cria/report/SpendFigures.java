package io.cria.report;

import io.cria.llm.LedgerEntry;
import io.cria.llm.LedgerReader;
import io.cria.llm.Outcome;
import io.cria.llm.Usage;
import io.cria.report.ReportFigures.StageSpend;
import io.cria.report.ReportFigures.TimeBin;
import io.cria.report.ReportFigures.Times;
import io.cria.run.HeldRows;
import io.cria.storage.LedgerFiles;
import io.cria.storage.RunDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

/**
 * What was sent and paid, by stage and over time. The ledger is scanned once, without making texts
 * of its bodies; the figures are those of the view {@code ledger}.
 */
final class SpendFigures implements AutoCloseable {
  /** Bins of time are as wide as the first of these with which there are few enough. */
  static final List<Long> WIDTHS =
      List.of(
          1L,
          2L,
          5L,
          10L,
          15L,
          30L,
          60L,
          120L,
          300L,
          600L,
          900L,
          1_800L,
          3_600L,
          7_200L,
          14_400L,
          28_800L,
          86_400L,
          604_800L,
          2_592_000L,
          31_536_000L);

  static final int MOST_BINS = 60;

  private static final String VIEW = "_report_ledger";

  private static final StructType SCHEMA =
      new StructType()
          .add("stage", DataTypes.StringType, false)
          .add("at", DataTypes.LongType, false)
          .add("ok", DataTypes.BooleanType, false)
          .add("prompt", DataTypes.LongType, true)
          .add("completion", DataTypes.LongType, true)
          .add("usd", DataTypes.DoubleType, true);

  private static final String STAGES =
      """
      SELECT stage, count(*), count_if(ok), coalesce(sum(prompt), 0), coalesce(sum(completion), 0),
             coalesce(sum(usd), 0d), count_if(prompt IS NOT NULL AND usd IS NULL), min(at), max(at)
      FROM _report_ledger GROUP BY stage ORDER BY stage
      """;

  private static final String TIMES =
      """
      SELECT CAST(floor(at / :width) * :width AS LONG) AS bin, count(*), count_if(NOT ok),
             coalesce(sum(prompt), 0) + coalesce(sum(completion), 0), coalesce(sum(usd), 0d)
      FROM _report_ledger GROUP BY bin ORDER BY bin
      """;

  private final SparkSession spark;
  private final HeldRows ledger;
  private final List<StageSpend> stages = new ArrayList<>();
  private long first = Long.MAX_VALUE;
  private long last = Long.MIN_VALUE;

  private SpendFigures(SparkSession spark, HeldRows ledger) {
    this.spark = spark;
    this.ledger = ledger;
  }

  static SpendFigures of(SparkSession spark, RunDirectory run) {
    SpendFigures figures = new SpendFigures(spark, HeldRows.of(ledger(spark, run)));
    figures.ledger.rows().createOrReplaceTempView(VIEW);
    for (Row row : spark.sql(STAGES).collectAsList()) {
      figures.stages.add(
          new StageSpend(
              row.getString(0),
              row.getLong(1),
              row.getLong(2),
              row.getLong(3),
              row.getLong(4),
              row.getDouble(5),
              row.getLong(6)));
      figures.first = Math.min(figures.first, row.getLong(7));
      figures.last = Math.max(figures.last, row.getLong(8));
    }
    return figures;
  }

  List<StageSpend> stages() {
    return List.copyOf(stages);
  }

  Times times() {
    if (stages.isEmpty()) {
      return new Times(1, List.of());
    }
    long width = width(last - first);
    List<TimeBin> bins = new ArrayList<>();
    for (Row row : spark.sql(TIMES, Map.of("width", width)).collectAsList()) {
      bins.add(
          new TimeBin(
              row.getLong(0), row.getLong(1), row.getLong(2), row.getLong(3), row.getDouble(4)));
    }
    return new Times(width, bins);
  }

  /** The width of bins for a span, both in seconds. */
  static long width(long span) {
    return WIDTHS.stream()
        .filter(width -> span / width < MOST_BINS)
        .findFirst()
        .orElse(WIDTHS.get(WIDTHS.size() - 1));
  }

  @Override
  public void close() {
    spark.catalog().dropTempView(VIEW);
    ledger.close();
  }

  private static Dataset<Row> ledger(SparkSession spark, RunDirectory run) {
    List<LedgerFiles.Found> segments = LedgerFiles.segments(run);
    if (segments.isEmpty()) {
      return spark.createDataFrame(List.of(), SCHEMA);
    }
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    int slices = Math.min(segments.size(), 4 * context.defaultParallelism());
    return spark.createDataFrame(
        context
            .parallelize(segments, slices)
            .flatMap(
                new ScanSegment(
                    run.root(), new SerializableConfiguration(context.hadoopConfiguration()))),
        SCHEMA);
  }

  /** Damaged lines are told by {@code cria status}. */
  private static final class ScanSegment implements FlatMapFunction<LedgerFiles.Found, Row> {
    private static final long serialVersionUID = 1L;
    private static final Pattern STAGE = Pattern.compile("/stage=([^/]+)/");

    private final String root;
    private final SerializableConfiguration hadoop;

    ScanSegment(String root, SerializableConfiguration hadoop) {
      this.root = root;
      this.hadoop = hadoop;
    }

    @Override
    public Iterator<Row> call(LedgerFiles.Found segment) {
      Matcher named = STAGE.matcher(segment.path());
      String stage = named.find() ? named.group(1) : "";
      List<Row> rows = new ArrayList<>();
      try (InputStream in = RunDirectory.at(root, hadoop.value()).open(segment.path())) {
        LedgerReader.Report unused =
            LedgerReader.scan(in, segment.path(), entry -> rows.add(row(stage, entry)));
      } catch (IOException e) {
        throw new UncheckedIOException(
            "the ledger segment " + segment.path() + " cannot be read", e);
      }
      return rows.iterator();
    }

    private static Row row(String stage, LedgerEntry entry) {
      Usage usage = entry.usage();
      return RowFactory.create(
          stage,
          entry.sentAt().getEpochSecond(),
          entry.outcome() == Outcome.OK,
          usage == null ? null : (long) usage.prompt(),
          usage == null ? null : (long) usage.completion(),
          entry.usd());
    }
  }
}
