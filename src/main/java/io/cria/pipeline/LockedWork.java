package io.cria.pipeline;

import io.cria.config.Operation.Limits;
import io.cria.run.AskContext;
import io.cria.run.RunProgress;
import io.cria.run.Shortfall;
import io.cria.storage.RunDirectory;
import io.cria.storage.RunLock;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.task.NoRoom;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * One invocation on a directory, whatever is done there: takes the lock, refuses a directory of
 * another identity, sweeps away what a killed driver left, listens for a request to stop, and
 * leaves the outcome in status.json.
 */
final class LockedWork {
  /** What an invocation that ended before run.json was written may have left. */
  private static final Set<String> OWN_BEFORE_START =
      Set.of("inputs", "_tmp", RunLock.FILE, AskContext.STOP_FILE, Outcome.DIRECTORY);

  private final SparkSession spark;
  private final RunDirectory run;
  private final Clock clock;
  private final String remedy;
  private final RunProgress progress;

  /**
   * @param remedy what a directory that holds something else is answered with, for example {@code
   *     "another --run directory"}
   * @param progress is told of a request to stop
   */
  LockedWork(
      SparkSession spark, RunDirectory run, Clock clock, String remedy, RunProgress progress) {
    this.spark = spark;
    this.run = run;
    this.clock = clock;
    this.remedy = remedy;
    this.progress = progress;
  }

  /** What is done under the lock. */
  interface Body {
    /** Returns whether there was anything to do. */
    boolean work(Held held);
  }

  /** The directory while it is held. */
  final class Held {
    private final RunLock lock;
    private final StopRequest stop;
    private final String identity;
    private final Shortfall shortfall;
    private final RunStatus.Writer status;
    private String stage = "";

    private Held(RunLock lock, StopRequest stop, String identity) {
      this.lock = lock;
      this.stop = stop;
      this.identity = identity;
      this.shortfall = RunStatus.shortfall(run);
      this.status = status(shortfall);
    }

    RunLock lock() {
      return lock;
    }

    StopRequest stop() {
      return stop;
    }

    /** Hash of the directory's identity. */
    String identity() {
      return identity;
    }

    Shortfall shortfall() {
      return shortfall;
    }

    /** A stage begins: status.json says so from now on. */
    void begin(String name) {
      stage = name;
      shortfall.begin(name);
      status.running(name, clock.instant());
    }
  }

  /**
   * Does the work.
   *
   * @param identity what the directory is
   * @param limits of whoever is asked
   * @param keep puts what the work was started from into the directory, under the epoch it is given
   */
  boolean invoke(RunIdentity identity, Limits limits, LongConsumer keep, Body body) {
    refuseForeignDirectory();
    boolean begun = RunRecord.read(run).isPresent();
    run.mkdirs("inputs");
    Duration left = afterSignal(limits);
    Duration drain = left == null ? limits.drain() : left;
    StopRequest stop = new StopRequest(run, left, keyboard -> progress.stopping(drain, keyboard));
    ExitCode ending = ExitCode.DONE;
    try (RunLock lock = RunLock.acquire(run, clock)) {
      RunRecord made = RunRecord.ensure(run, identity, spark.version(), remedy);
      prepare(() -> keep.accept(lock.epoch()), begun);
      stop.install();
      return told(new Held(lock, stop, made.identityHash()), body);
    } catch (Throwable e) {
      // Throwable: Scala lets checked exceptions through, and a full disk is an Error
      CriaException told = Faults.told(e, run.root());
      ending = told.exitCode();
      throw told;
    } finally {
      stop.end(ending.code());
    }
  }

  /**
   * A cluster that ends a driver of its own kills it soon after the signal. Elsewhere a signal
   * comes from a person, who waits as after any request to stop.
   */
  private @Nullable Duration afterSignal(Limits limits) {
    SparkConf conf = spark.sparkContext().getConf();
    boolean ofCluster =
        conf.get("spark.submit.deployMode", "client").equals("cluster")
            || conf.getBoolean("spark.kubernetes.submitInDriver", false);
    return ofCluster && limits.drainSeconds() == null ? StopRequest.BEFORE_KILL : null;
  }

  /** Whatever fails from here on concerns this very directory, and is told in its status. */
  private void prepare(Runnable keep, boolean begun) {
    try {
      if (begun) {
        new RunCheck(run).requireLedger();
      }
      keep.run();
      run.removeTemporaries();
      run.delete(AskContext.STOP_FILE);
    } catch (RuntimeException | Error e) {
      CriaException told = Faults.told(e, run.root());
      try {
        status(new Shortfall(List.of()))
            .refused(told.exitCode(), String.valueOf(told.getMessage()), clock.instant());
      } catch (RuntimeException | Error again) {
        told.addSuppressed(again);
      }
      throw told;
    }
  }

  private RunStatus.Writer status(Shortfall shortfall) {
    return new RunStatus.Writer(run, shortfall, Outcome.thisInvocation());
  }

  private boolean told(Held held, Body body) {
    try {
      boolean worked = body.work(held);
      held.status.ended(ExitCode.DONE, "", held.stage, clock.instant());
      return worked;
    } catch (Throwable e) {
      CriaException told = Faults.told(e, run.root());
      if (!held.lock.isLost()) {
        // a run that another driver took over is that driver's to tell of
        end(told, held);
      }
      throw told;
    }
  }

  /**
   * What broke the work may break its last words too: then the first failure is told all the same.
   */
  private void end(CriaException told, Held held) {
    try {
      if (told instanceof NoRoom) {
        // what was under way is of no use, and takes the room that the status needs
        run.removeTemporaries();
      }
    } catch (RuntimeException | Error e) {
      told.addSuppressed(e);
    }
    try {
      held.status.ended(
          told.exitCode(), String.valueOf(told.getMessage()), held.stage, clock.instant());
    } catch (RuntimeException | Error e) {
      told.addSuppressed(e);
    }
  }

  /** A directory with other things in it and no run is somebody's: nothing is written there. */
  private void refuseForeignDirectory() {
    if (run.isFile()) {
      throw CriaException.badInput(
          run.root() + ": this is a file, and a run is a directory: give " + newDirectory());
    }
    List<String> others = foreign(run);
    if (!others.isEmpty()) {
      throw CriaException.badInput(
          run.root()
              + ": this directory holds other things ("
              + others.get(0)
              + (others.size() > 1 ? ", …" : "")
              + ") and is no run: give "
              + newDirectory());
    }
  }

  private String newDirectory() {
    return remedy.replaceFirst("another (--\\S+) directory", "$1 a new directory");
  }

  /** What a directory holds that is no run's; nothing where a run is or may be begun. */
  static List<String> foreign(RunDirectory run) {
    Set<String> others = new HashSet<>(run.list("."));
    others.removeAll(OWN_BEFORE_START);
    return run.exists(RunRecord.FILE) ? List.of() : others.stream().sorted().toList();
  }
}
