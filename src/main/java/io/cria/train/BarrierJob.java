package io.cria.train;

import io.cria.storage.Json;
import io.cria.storage.RunLock;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * The Spark job of all ranks: one barrier stage, and a shuffle after it, without which Spark would
 * not start the stage again.
 */
final class BarrierJob {
  private static final long LOOK_MILLIS = 250;

  /** What ranks may take to end by themselves once one has refused. */
  private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** Ranks at work say something every second. */
  private static final long UNHEARD_NANOS = TimeUnit.SECONDS.toNanos(20);

  private final SparkContext spark;
  private final RankSpec spec;
  private final Slots slots;
  private final long lostNanos;
  private final Board board;
  private final Watch watch;
  private final RunLock lock;
  private final BooleanSupplier stop;

  /**
   * @param patience how long executors may be away: one that is lost for good leaves the stage
   *     waiting for its slots
   */
  BarrierJob(
      SparkContext spark,
      RankSpec spec,
      Slots slots,
      Duration patience,
      Board board,
      Watch watch,
      RunLock lock,
      BooleanSupplier stop) {
    this.spark = spark;
    this.spec = spec;
    this.slots = slots;
    this.lostNanos = patience.toNanos();
    this.board = board;
    this.watch = watch;
    this.lock = lock;
    this.stop = stop;
  }

  /**
   * Runs it to its end.
   *
   * @return what the ranks report, by rank
   * @throws CriaException when they did not come to an end of their own
   */
  List<RankReport> run(String description) {
    spark.setJobGroup(spec.id(), description, false);
    try {
      JavaFutureAction<List<String>> job = stage().coalesce(1, true).collectAsync();
      try {
        return reports(awaited(job));
      } finally {
        // whatever ended the waiting: no rank goes on without its driver
        if (!job.isDone() && !spark.isStopped()) {
          spark.cancelJobGroup(spec.id());
        }
      }
    } finally {
      spark.clearJobGroup();
    }
  }

  private JavaRDD<String> stage() {
    ClassTag<String> strings = ClassTag$.MODULE$.apply(String.class);
    RDD<Integer> numbers =
        JavaSparkContext.fromSparkContext(spark)
            .parallelize(IntStream.range(0, spec.ranks()).boxed().toList(), spec.ranks())
            .rdd();
    RankTask task = new RankTask(spec, new Counters(spark));
    JavaRDD<String> ranks =
        JavaRDD.fromRDD(numbers.barrier().mapPartitions(task, false, strings), strings);
    return slots.profile() == null ? ranks : ranks.withResources(slots.profile());
  }

  private List<String> awaited(JavaFutureAction<List<String>> job) {
    long refusedAt = 0;
    while (true) {
      try {
        List<String> results = job.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        watch.take(board);
        return results;
      } catch (TimeoutException e) {
        watch.take(board);
      } catch (ExecutionException e) {
        watch.take(board);
        throw failed(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CriaException(ExitCode.FAULT, "interrupted", e);
      }
      if (stop.getAsBoolean()) {
        board.stop();
        if (board.silentNanos() > UNHEARD_NANOS) {
          throw new CriaException(
              ExitCode.STOPPED,
              "stopped while no rank was at work; the same command goes on from the last"
                  + " checkpoint");
        }
      }
      if (lock.isLost()) {
        throw new CriaException(
            ExitCode.RUN_REFUSED,
            "another driver took this training over: this one stops, nothing is lost");
      }
      if (board.refusal().isPresent()) {
        refusedAt = refusedAt == 0 ? System.nanoTime() : refusedAt;
        if (System.nanoTime() - refusedAt > GRACE_NANOS) {
          throw refusal(board.refusal().get());
        }
      }
      if (board.silentNanos() > lostNanos && slots.now() < spec.ranks()) {
        throw new CriaException(
            ExitCode.FAULT,
            "too few slots left: "
                + spec.ranks()
                + " ranks need "
                + spec.ranks()
                + " at once, and the executors have room for "
                + slots.now()
                + (board.fault().isPresent() ? " (" + board.fault().get().reason() + ")" : "")
                + ": the same command goes on from the last checkpoint, with --ranks "
                + Math.max(1, slots.now())
                + " or when they are back");
      }
    }
  }

  private static CriaException refusal(Board.End end) {
    return new CriaException(end.code(), end.reason());
  }

  private CriaException failed(ExecutionException e) {
    if (board.refusal().isPresent()) {
      return refusal(board.refusal().get());
    }
    if (stop.getAsBoolean() && board.fault().isEmpty()) {
      return new CriaException(ExitCode.STOPPED, "stopped; the same command goes on", e);
    }
    String last =
        board
            .fault()
            .map(Board.End::reason)
            .orElseGet(() -> String.valueOf(e.getCause() == null ? e : e.getCause().getMessage()));
    return new CriaException(
        ExitCode.FAULT,
        last.lines().findFirst().orElse("")
            + " (Spark started the ranks "
            + board.attempts()
            + (board.attempts() == 1 ? " time" : " times")
            + "): look at the executors' logs; the same command goes on from the last checkpoint",
        e);
  }

  private static List<RankReport> reports(List<String> results) {
    return results.stream()
        .map(text -> Json.read(text, RankReport.class))
        .sorted(Comparator.comparingInt(RankReport::rank))
        .toList();
  }
}
