package io.cria.ask;

import io.cria.llm.LedgerRecord;
import io.cria.llm.Outcome;
import io.cria.run.RunContext;
import io.cria.run.RunTables;
import io.cria.run.Schemas;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FilterFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/**
 * Requests to answers: the paid stage. Its own Spark job, which writes the ledger from the task; no
 * second action runs on it. What the ledger holds already is not asked again.
 */
public final class AskStage {
  /** Requests the driver holds at a time. */
  private static final int AT_A_TIME = 8192;

  private final RunContext context;
  private final String stage;

  public AskStage(RunContext context, String stage) {
    this.context = context;
    this.stage = stage;
  }

  /**
   * Asks what is unanswered in these rounds. A request that failed in an earlier invocation is
   * asked again; one that fails in this one stays failed.
   *
   * @throws CriaException stopped, capped or refused; every paid answer is in the ledger
   */
  public void run(List<Integer> rounds) {
    refuseSpeculation();
    Set<String> tried = new HashSet<>();
    for (Pending pending = pending(rounds, tried);
        !pending.rows().isEmpty();
        pending = pending(rounds, tried)) {
      context.checkpoint();
      List<AskReport> reports = ask(rounds, pending, remaining());
      pending.rows().forEach(row -> tried.add(row.getAs("request_key")));
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
   * What is to be asked next.
   *
   * @param rows of the requests table in request order, at most {@link #AT_A_TIME}
   * @param unasked how many wait in all
   * @param attempts highest attempt of each that has one
   */
  private record Pending(List<Row> rows, long unasked, Map<String, Integer> attempts) {}

  /**
   * @param tried keys that this invocation has asked: for them a failure is an answer
   */
  private Pending pending(List<Integer> rounds, Set<String> tried) {
    Set<String> settled = new HashSet<>();
    Map<String, Integer> attempts = new HashMap<>();
    LedgerTable table = new LedgerTable(context);
    context.job("look up " + stage + " in the ledger");
    for (Tuple2<String, Attempt> seen :
        table.records(stage, rounds).mapValues(AskStage::attempt).collect()) {
      boolean counts = seen._2().failed() ? tried.contains(seen._1()) : seen._2().terminal();
      if (counts) {
        settled.add(seen._1());
      }
      attempts.merge(seen._1(), seen._2().attempt(), Math::max);
    }
    table.report();
    Set<String> unasked = new HashSet<>();
    for (Row row : requests(rounds).select("request_key").collectAsList()) {
      if (!settled.contains(row.getString(0))) {
        unasked.add(row.getString(0));
      }
    }
    attempts.keySet().retainAll(unasked);
    return new Pending(rows(rounds, unasked), unasked.size(), attempts);
  }

  private List<Row> rows(List<Integer> rounds, Set<String> keys) {
    if (keys.isEmpty()) {
      return List.of();
    }
    Broadcast<Set<String>> wanted =
        new JavaSparkContext(context.spark().sparkContext()).broadcast(keys);
    try {
      return requests(rounds)
          .filter(new IsPending(wanted))
          .orderBy("round", "row")
          .limit(AT_A_TIME)
          .collectAsList();
    } finally {
      wanted.destroy();
    }
  }

  private record Attempt(int attempt, boolean terminal, boolean failed)
      implements java.io.Serializable {}

  private static Attempt attempt(String line) {
    LedgerRecord record = LedgerRecord.fromLine(line);
    return new Attempt(
        record.attempt(), record.outcome().isTerminal(), record.outcome() == Outcome.FAILED);
  }

  private Dataset<Row> requests(List<Integer> rounds) {
    List<String> parts = rounds.stream().map(r -> RunTables.requests(stage, r)).toList();
    return RunTables.read(context, Schemas.REQUESTS, parts);
  }

  /** What the cap leaves after all invocations, by the ledger; -1 without a cap. */
  private long remaining() {
    Long cap = context.config().caps().requests();
    if (cap == null) {
      return -1;
    }
    long sent = Spend.of(context).records();
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
            + " requests is reached (caps.requests): every paid answer is kept; raise the cap and"
            + " give the same command to go on, or give --close-round to do without the rest of"
            + " this round");
  }

  /**
   * The paid job. It starts from rows that the driver holds: with a shuffle before it, a lost
   * executor would make Spark run the stage again beside tasks that are still paying.
   */
  private List<AskReport> ask(List<Integer> rounds, Pending pending, long remaining) {
    JavaSparkContext spark = new JavaSparkContext(context.spark().sparkContext());
    int partitions = partitions(spark, pending.rows().size(), remaining);
    AskPartition task =
        new AskPartition(
            AskSettings.of(context, stage),
            new SerializableConfiguration(spark.hadoopConfiguration()),
            pending.attempts(),
            new AskPartition.Share(UUID.randomUUID().toString(), partitions, remaining));
    context.progress().begin(title(rounds), pending.unasked());
    try (LedgerTail followed = new LedgerTail(context.run(), stage, rounds, context.progress())) {
      followed.start();
      context.job("ask: " + title(rounds));
      return spark.parallelize(pending.rows(), partitions).mapPartitions(task).collect();
    } finally {
      context.progress().end();
    }
  }

  private String title(List<Integer> rounds) {
    return rounds.size() == 1 ? stage + " round " + rounds.get(0) : stage;
  }

  /**
   * At most one partition for each request that may be sent, so that a small cap is not lost in
   * shares of nothing.
   */
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
      context.lock().requireHeld();
      throw new CriaException(
          ExitCode.STOPPED,
          context.run().root()
              + ": stopped on request; every paid answer is kept: give the same command to go on");
    }
  }

  private static final class IsPending implements FilterFunction<Row> {
    private static final long serialVersionUID = 1L;

    private final Broadcast<Set<String>> wanted;

    IsPending(Broadcast<Set<String>> wanted) {
      this.wanted = wanted;
    }

    @Override
    public boolean call(Row request) {
      return wanted.value().contains(request.<String>getAs("request_key"));
    }
  }
}
