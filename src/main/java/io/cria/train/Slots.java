package io.cria.train;

import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.spark.SparkContext;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.resource.ResourceProfileBuilder;
import org.apache.spark.resource.TaskResourceRequests;
import org.jspecify.annotations.Nullable;

/** Room for ranks on a cluster: all of them run at once, or none. */
final class Slots {
  private static final String GPU = "gpu";
  private static final long LOOK_MILLIS = 250;

  /** How long the number must stand still before it is taken for all there is. */
  private static final long STEADY_NANOS = TimeUnit.SECONDS.toNanos(3);

  private final SparkContext spark;
  private final int cpus;
  private final int gpus;
  private final @Nullable ResourceProfile profile;

  /**
   * @param cpus of a rank
   * @param gpus of a rank
   * @throws CriaException (bad input) where this master cannot give a rank what it asks for
   */
  Slots(SparkContext spark, int cpus, int gpus) {
    this.spark = spark;
    this.cpus = cpus;
    this.gpus = gpus;
    if (spark.isLocal()) {
      if (gpus > 0) {
        throw CriaException.badInput(
            "cluster.gpusPerRank: "
                + spark.master()
                + " gives tasks no GPUs: take a cluster, or train on this machine's GPU with"
                + " train-local, or set cluster.gpusPerRank to 0");
      }
      this.profile = null;
      return;
    }
    TaskResourceRequests requests = new TaskResourceRequests().cpus(cpus);
    if (gpus > 0) {
      if (!spark.getConf().contains("spark.executor.resource.gpu.amount")) {
        throw CriaException.badInput(
            "spark.executor.resource.gpu.amount: the executors have no GPU to give to ranks"
                + " (cluster.gpusPerRank is "
                + gpus
                + "): set it to the GPUs of an executor, or cluster.gpusPerRank to 0");
      }
      requests.resource(GPU, gpus);
    }
    this.profile = new ResourceProfileBuilder().require(requests).build();
    spark.resourceProfileManager().addResourceProfile(profile);
  }

  /** What a rank's task asks for; null where the master knows no such profiles. */
  @Nullable ResourceProfile profile() {
    return profile;
  }

  /** Ranks that could run at once now, were nothing else running. */
  int now() {
    return spark.maxNumConcurrentTasks(
        profile == null ? spark.resourceProfileManager().defaultResourceProfile() : profile);
  }

  /**
   * Ranks that Spark may put on one executor. What an executor's cores are, only its master knows
   * where the settings do not say it.
   */
  int ofAnExecutor() {
    int executors = Math.max(1, executors());
    return Math.max(1, (now() + executors - 1) / executors);
  }

  /**
   * Waits until there is room.
   *
   * @param wanted ranks; null for as many as there is room for
   * @param patience how long executors may take to come
   * @param stop asked while waiting
   * @return how many ranks to run
   * @throws CriaException (bad input) with the numbers, when there is too little
   */
  int await(@Nullable Integer wanted, Duration patience, BooleanSupplier stop) {
    long began = System.nanoTime();
    long changed = began;
    int last = now();
    while (System.nanoTime() - began < patience.toNanos()) {
      if (stop.getAsBoolean()) {
        throw new CriaException(ExitCode.STOPPED, "stopped before the ranks were started");
      }
      int room = now();
      if (room != last) {
        last = room;
        changed = System.nanoTime();
      }
      boolean steady = System.nanoTime() - changed >= STEADY_NANOS || spark.isLocal();
      if (wanted == null ? room > 0 && steady : room >= wanted) {
        return wanted == null ? room : wanted;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS));
    }
    if (wanted == null && last > 0) {
      return last;
    }
    throw tooFew(wanted == null ? 1 : wanted, last, patience);
  }

  private CriaException tooFew(int wanted, int room, Duration patience) {
    boolean ofCluster = spark.getConf().get("spark.submit.deployMode", "client").equals("cluster");
    return CriaException.badInput(
        "too few slots: "
            + wanted
            + (wanted == 1 ? " rank needs " : " ranks need ")
            + wanted
            + " at once, of "
            + cpus
            + (cpus == 1 ? " core" : " cores")
            + (gpus == 0 ? "" : " and " + gpus + " GPU")
            + " each, and the executors have room for "
            + room
            + " after "
            + patience.toSeconds()
            + " s ("
            + executors()
            + (executors() == 1 ? " executor" : " executors")
            + " on "
            + spark.master()
            + (ofCluster ? ", whose driver takes a core of its own" : "")
            + "): give --ranks "
            + Math.max(1, room)
            + ", or more executors");
  }

  private int executors() {
    return spark.statusTracker().getExecutorInfos().length - (spark.isLocal() ? 0 : 1);
  }
}
