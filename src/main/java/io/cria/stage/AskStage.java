package io.cria.stage;

import io.cria.llm.LedgerRecord;
import io.cria.stage.rows.Schemas;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FilterFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/**
 * Requests to answers: the paid stage. Its own Spark job, which writes the ledger from the task; no second action runs
 * on it. What the ledger holds already is not asked again.
 */
public final class AskStage {
  private final RunContext context;
  private final String stage;

  public AskStage(RunContext context, String stage) {
    this.context = context;
    this.stage = stage;
  }

  /**
   * Asks what is unanswered in these rounds.
   *
   * @throws CriaException stopped, capped or refused; every paid answer is in the ledger
   */
  public void run(List<Integer> rounds) {
    refuseSpeculation();
    for (Ledger ledger = ledger(rounds); ; ledger = ledger(rounds)) {
      long pending = ledger.pending();
      if (pending == 0) {
        return;
      }
      context.checkpoint();
      long sent = spentRequests();
      List<AskReport> reports = ask(rounds, ledger, pending, remaining(sent));
      settle(reports);
    }
  }

  private void refuseSpeculation() {
    if (context.spark().sparkContext().getConf().getBoolean("spark.speculation", false)) {
      throw CriaException.badInput(
          "spark.speculation: a copy of a paid task pays again: set it to false");
    }
  }

  /**
   * What is known of these rounds before anything is sent.
   *
   * @param planned requests
   * @param answered keys with a terminal outcome
   * @param attempts highest attempt of every other key that has one
   */
  private record Ledger(long planned, Set<String> answered, Map<String, Integer> attempts) {
    long pending() {
      return planned - answered.size();
    }
  }

  private Ledger ledger(List<Integer> rounds) {
    LedgerTable table = new LedgerTable(context);
    Set<String> answered = new HashSet<>();
    Map<String, Integer> attempts = new HashMap<>();
    context.job("look up " + stage + " in the ledger");
    for (Tuple2<String, Attempt> seen :
        table.records(stage, rounds).mapValues(AskStage::attempt).collect()) {
      if (seen._2().terminal()) {
        answered.add(seen._1());
      }
      attempts.merge(seen._1(), seen._2().attempt(), Math::max);
    }
    table.report();
    Set<String> planned = new HashSet<>();
    for (Row row : requests(rounds).select("request_key").collectAsList()) {
      planned.add(row.getString(0));
    }
    answered.retainAll(planned);
    attempts.keySet().removeAll(answered);
    return new Ledger(planned.size(), answered, attempts);
  }

  private record Attempt(int attempt, boolean terminal) implements java.io.Serializable {}

  private static Attempt attempt(String line) {
    LedgerRecord record = LedgerRecord.fromLine(line);
    return new Attempt(record.attempt(), record.outcome().isTerminal());
  }

  private Dataset<Row> requests(List<Integer> rounds) {
    List<String> parts = rounds.stream().map(r -> Tables.requests(stage, r)).toList();
    return Tables.read(context, Schemas.REQUESTS, parts);
  }

  /** HTTP requests this run has sent in all its invocations, by the ledger. */
  private long spentRequests() {
    if (context.config().caps().requests() == null) {
      return 0;
    }
    return Spend.of(context).records();
  }

  /** What the cap leaves, or -1 without a cap. */
  private long remaining(long sent) {
    Long cap = context.config().caps().requests();
    if (cap == null) {
      return -1;
    }
    if (sent >= cap) {
      throw capReached(cap);
    }
    return cap - sent;
  }

  private CriaException capReached(long cap) {
    return new CriaException(
        ExitCode.CAP_REACHED,
        context.run().root()
            + ": the cap of "
            + cap
            + " requests is reached (caps.requests): every paid answer is kept; raise the cap and give the"
            + " same command to go on");
  }

  private List<AskReport> ask(List<Integer> rounds, Ledger ledger, long pending, long remaining) {
    JavaSparkContext spark = new JavaSparkContext(context.spark().sparkContext());
    Broadcast<Set<String>> answered = spark.broadcast(ledger.answered());
    int partitions = partitions(spark, pending, remaining);
    AskPartition task =
        new AskPartition(
            AskSettings.of(context, stage),
            new SerializableConfiguration(spark.hadoopConfiguration()),
            ledger.attempts(),
            partitions,
            remaining);
    context.progress().begin(title(rounds), pending);
    try (LedgerTail followed =
        new LedgerTail(context.run(), stage, rounds, context.progress())) {
      followed.start();
      context.job("ask: " + title(rounds));
      return requests(rounds)
          .filter(new IsPending(answered))
          .repartition(partitions, functions.col("request_key"))
          .sortWithinPartitions("round", "row")
          .toJavaRDD()
          .mapPartitions(task)
          .collect();
    } finally {
      context.progress().end();
      answered.destroy();
    }
  }

  private String title(List<Integer> rounds) {
    return rounds.size() == 1 ? stage + " round " + rounds.get(0) : stage;
  }

  /** At most one partition for each request that may be sent, so that a small cap is not lost in shares of nothing. */
  private int partitions(JavaSparkContext spark, long pending, long remaining) {
    Integer wanted = context.config().parallelism();
    long most = remaining < 0 ? pending : Math.min(pending, remaining);
    return (int) Math.max(1, Math.min(wanted == null ? spark.defaultParallelism() : wanted, most));
  }

  private void settle(List<AskReport> reports) {
    List<AskReport> failed = new ArrayList<>();
    boolean stopped = false;
    for (AskReport report : reports) {
      if (report.error() != null) {
        failed.add(report);
      }
      stopped |= report.stopped();
    }
    if (!failed.isEmpty()) {
      AskReport first = failed.get(0);
      throw new CriaException(first.exitCode(), String.valueOf(first.error()));
    }
    if (stopped) {
      throw new CriaException(
          ExitCode.STOPPED,
          context.run().root()
              + ": stopped on request; every paid answer is kept: give the same command to go on");
    }
  }

  private static final class IsPending implements FilterFunction<Row> {
    private static final long serialVersionUID = 1L;

    private final Broadcast<Set<String>> answered;

    IsPending(Broadcast<Set<String>> answered) {
      this.answered = answered;
    }

    @Override
    public boolean call(Row request) {
      return !answered.value().contains(request.<String>getAs("request_key"));
    }
  }
}
