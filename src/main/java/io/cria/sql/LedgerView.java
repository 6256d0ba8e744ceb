package io.cria.sql;

import io.cria.llm.LedgerReader;
import io.cria.llm.LedgerRecord;
import io.cria.llm.Usage;
import io.cria.run.Schemas;
import io.cria.storage.LedgerFiles;
import io.cria.storage.RunDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/** Ledger segments as rows, read on the executors with their checksums. */
final class LedgerView {
  private LedgerView() {}

  static Dataset<Row> of(SparkSession spark, RunDirectory run, List<LedgerFiles.Found> segments) {
    if (segments.isEmpty()) {
      return spark.createDataFrame(List.of(), Schemas.LEDGER);
    }
    JavaSparkContext context = new JavaSparkContext(spark.sparkContext());
    int slices = Math.min(segments.size(), context.defaultParallelism() * 4);
    return spark.createDataFrame(
        context
            .parallelize(segments, slices)
            .flatMap(
                new ReadSegment(
                    run.root(), new SerializableConfiguration(context.hadoopConfiguration()))),
        Schemas.LEDGER);
  }

  private static Row row(LedgerRecord r) {
    Usage usage = r.usage();
    return RowFactory.create(
        r.requestKey(),
        r.attempt(),
        r.stage(),
        r.round(),
        r.row(),
        r.outcome().word(),
        r.httpStatus(),
        r.finishReason(),
        r.body(),
        r.text(),
        usage == null
            ? null
            : RowFactory.create(
                (long) usage.prompt(), (long) usage.cached(), (long) usage.completion()),
        r.model(),
        r.usd(),
        r.providerRequestId(),
        Timestamp.from(r.sentAt()),
        r.latencyMs(),
        r.host(),
        r.suspectedPaid(),
        r.error());
  }

  /** Reads one segment; lines that do not read are told by {@code cria status}. */
  private static final class ReadSegment implements FlatMapFunction<LedgerFiles.Found, Row> {
    private static final long serialVersionUID = 1L;

    private final String root;
    private final SerializableConfiguration hadoop;

    ReadSegment(String root, SerializableConfiguration hadoop) {
      this.root = root;
      this.hadoop = hadoop;
    }

    @Override
    public Iterator<Row> call(LedgerFiles.Found segment) {
      RunDirectory run = RunDirectory.at(root, hadoop.value());
      List<Row> rows = new ArrayList<>();
      try (InputStream in = run.open(segment.path())) {
        LedgerReader.read(in, segment.path(), record -> rows.add(row(record)));
      } catch (IOException e) {
        throw new UncheckedIOException(
            "the ledger segment " + segment.path() + " cannot be read", e);
      }
      return rows.iterator();
    }
  }
}
