package io.cria.ask;

import io.cria.llm.LedgerReader;
import io.cria.llm.LedgerRecord;
import io.cria.llm.Winner;
import io.cria.run.RunContext;
import io.cria.storage.LedgerFiles;
import io.cria.storage.RunDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeSet;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.api.java.function.PairFlatMapFunction;
import org.apache.spark.util.CollectionAccumulator;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/**
 * The ledger as Spark reads it: one line per request, the winner. Lines travel as text, because the
 * line is the record's one serial form.
 */
public final class LedgerTable {
  private final RunContext context;
  private final CollectionAccumulator<String> damage;

  public LedgerTable(RunContext context) {
    this.context = context;
    this.damage = context.spark().sparkContext().collectionAccumulator("ledger damage");
  }

  /**
   * Request key to the winning line, for every request of these rounds that has a terminal outcome.
   */
  public JavaPairRDD<String, String> winners(String stage, List<Integer> rounds) {
    return records(stage, rounds).reduceByKey(new BetterLine()).filter(new IsTerminal());
  }

  /** Request key to each of its lines. */
  JavaPairRDD<String, String> records(String stage, List<Integer> rounds) {
    List<String> segments = new ArrayList<>();
    for (int round : rounds) {
      segments.addAll(LedgerFiles.segments(context.run(), stage, round));
    }
    JavaSparkContext spark = new JavaSparkContext(context.spark().sparkContext());
    int slices = Math.max(1, Math.min(segments.size(), spark.defaultParallelism() * 4));
    return spark
        .parallelize(segments, slices)
        .flatMapToPair(
            new ReadSegment(
                context.run().root(),
                new SerializableConfiguration(spark.hadoopConfiguration()),
                damage));
  }

  /** Tells what the last reading found torn or damaged. Call after an action. */
  void report() {
    for (String line : new TreeSet<>(damage.value())) {
      context.progress().note("ledger: " + line);
    }
    damage.reset();
  }

  /** Reads one segment; torn and damaged lines go to the accumulator. */
  private static final class ReadSegment implements PairFlatMapFunction<String, String, String> {
    private static final long serialVersionUID = 1L;

    private final String root;
    private final SerializableConfiguration hadoop;
    private final CollectionAccumulator<String> damage;

    ReadSegment(
        String root, SerializableConfiguration hadoop, CollectionAccumulator<String> damage) {
      this.root = root;
      this.hadoop = hadoop;
      this.damage = damage;
    }

    @Override
    public Iterator<Tuple2<String, String>> call(String segment) {
      RunDirectory run = RunDirectory.at(root, hadoop.value());
      List<Tuple2<String, String>> lines = new ArrayList<>();
      LedgerReader.Report report =
          read(
              run,
              segment,
              record -> lines.add(new Tuple2<>(record.requestKey(), record.toLine())));
      report.torn().forEach(where -> damage.add("a torn last line is ignored: " + where));
      report.corrupt().forEach(where -> damage.add("a damaged line is left out: " + where));
      return lines.iterator();
    }
  }

  /** Reads one segment on whatever host this is. */
  static LedgerReader.Report read(
      RunDirectory run, String segment, java.util.function.Consumer<LedgerRecord> records) {
    try (InputStream in = run.open(segment)) {
      return LedgerReader.read(in, segment, records);
    } catch (IOException e) {
      throw new UncheckedIOException("the ledger segment " + segment + " cannot be read", e);
    }
  }

  private static final class BetterLine implements Function2<String, String, String> {
    private static final long serialVersionUID = 1L;

    @Override
    public String call(String a, String b) {
      return Winner.ORDER.compare(LedgerRecord.fromLine(a), LedgerRecord.fromLine(b)) <= 0 ? a : b;
    }
  }

  private static final class IsTerminal implements Function<Tuple2<String, String>, Boolean> {
    private static final long serialVersionUID = 1L;

    @Override
    public Boolean call(Tuple2<String, String> keyed) {
      return LedgerRecord.fromLine(keyed._2()).outcome().isTerminal();
    }
  }
}
