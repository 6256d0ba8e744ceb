package io.cria.train;

import io.cria.run.AskContext;
import io.cria.run.RunProgress;
import io.cria.sft.ClusterConfig;
import io.cria.sft.SftRunFile;
import io.cria.storage.Commits;
import io.cria.storage.Json;
import io.cria.storage.Manifest;
import io.cria.storage.RunLock;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import io.cria.tokenizer.TemplateSource;
import io.cria.weights.BasePlace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.spark.SparkContext;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * One invocation of {@code cria train}: looks whether all is there, takes the training's lock,
 * starts the ranks, and publishes what they leave. Given again it goes on from the last checkpoint;
 * a training that is finished is left as it is.
 */
public final class Training {
  /** The program of a rank. */
  public static final String RANK_MAIN = "io.cria.sft.ranks.RankMain";

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** How long executors that were lost are waited for. */
  private static final Duration RETURN = Duration.ofSeconds(60);

  private static final Duration RETURN_ELSEWHERE = Duration.ofMinutes(10);
  private static final int VERSION = 1;
  private static final String STEPS = "steps";
  private static final String TOTAL_STEPS = "totalSteps";
  private static final int SILENT_SECONDS = 20;
  private static final int READY_SECONDS = 300;

  private final SparkContext spark;
  private final Configuration hadoop;
  private final RunProgress progress;
  private final BooleanSupplier stop;
  private final Clock clock;
  private final Start start;

  /**
   * What is trained.
   *
   * @param place where it lies
   * @param file the run file, with what was said over it
   * @param conf how the user called that file
   * @param base where the base model lies: a path or URI
   * @param baseName how the user called it
   * @param ranks in place of the run file's; null for those
   * @param invocation what the driver is called by whoever submitted it; empty without a name
   */
  public record Job(
      TrainingPlace place,
      SftRunFile file,
      String conf,
      String base,
      String baseName,
      @Nullable Integer ranks,
      String invocation) {}

  /**
   * How it came out.
   *
   * @param code done, or stopped
   * @param worked whether there was anything to do
   * @param steps done in all
   * @param total steps that the settings ask for
   */
  public record Outcome(ExitCode code, boolean worked, int steps, int total) {
    /** What is left where the time was over before the last step; empty otherwise. */
    public String unfinished() {
      return code == ExitCode.DONE && steps < total
          ? "the time was over after " + steps + " of " + total + " steps: the same command goes on"
          : "";
    }
  }

  /**
   * How ranks are started.
   *
   * @param mainClass their program
   * @param patience how long executors may take to come
   * @param readySeconds a rank may take to find its device
   */
  record Start(String mainClass, Duration patience, int readySeconds) {
    static final Start USUAL = new Start(RANK_MAIN, PATIENCE, READY_SECONDS);
  }

  /**
   * @param stop whether somebody asked to stop
   */
  public Training(SparkContext spark, RunProgress progress, BooleanSupplier stop, Clock clock) {
    this(spark, progress, stop, clock, Start.USUAL);
  }

  Training(
      SparkContext spark, RunProgress progress, BooleanSupplier stop, Clock clock, Start start) {
    this.spark = spark;
    this.hadoop = spark.hadoopConfiguration();
    this.progress = progress;
    this.stop = stop;
    this.clock = clock;
    this.start = start;
  }

  /** A job whose inputs fit one another. */
  private record Checked(
      Job job,
      Manifest shards,
      TemplateSource template,
      TrainingIdentity identity,
      Slots slots,
      long memory,
      int cpus) {}

  /**
   * Trains.
   *
   * @throws CriaException when it cannot be begun, or did not come to its end; what was published
   *     stays
   */
  public Outcome run(Job job) {
    TrainingPlace place = job.place();
    TrainingChecks.requireFixedExecutors(spark.getConf());
    TrainingChecks.requireDevice(job.file());
    Manifest shards = TrainingChecks.shards(place.run(), job.conf());
    Checked checked = checked(job, shards);
    try (RunLock lock = RunLock.acquire(place.directory(), clock)) {
      place.directory().removeTemporaries();
      place.directory().delete(AskContext.STOP_FILE);
      checked.identity().require(place.directory(), place.name());
      Commits commits = new Commits(place.directory());
      Optional<Manifest> result = commits.manifest(TrainingPlace.RESULT);
      if (result.isPresent()) {
        if (isFinished(result.get())) {
          return finishedBefore(place, result.get());
        }
        // its files are about to be written over
        commits.withdraw(TrainingPlace.RESULT, lock.epoch());
      }
      new Published(place.directory(), lock.epoch()).sweep();
      return watched(checked, lock);
    }
  }

  /** Not where the time was over before the last step. */
  private static boolean isFinished(Manifest result) {
    long steps = result.counts().getOrDefault(STEPS, 0L);
    return steps >= result.counts().getOrDefault(TOTAL_STEPS, steps);
  }

  private Outcome finishedBefore(TrainingPlace place, Manifest result) {
    int steps = Math.toIntExact(result.counts().getOrDefault(STEPS, 0L));
    progress.note("the training " + place.name() + " is finished: nothing to do");
    return new Outcome(ExitCode.DONE, false, steps, steps);
  }

  private Checked checked(Job job, Manifest shards) {
    BaseFiles base = BaseFiles.at(job.base(), job.baseName(), hadoop);
    TemplateSource template = job.file().templateSource();
    try {
      long bytes = base.bytes();
      TrainingChecks.Described described =
          TrainingChecks.requireMadeFor(shards, base, template, progress::note);
      TrainingIdentity identity =
          new TrainingIdentity(
              shards.digest(),
              base.print(),
              described.templateHash(),
              job.file().training().identity());
      Integer workers = job.file().training().workers();
      int cpus = workers == null ? spark.getConf().getInt("spark.task.cpus", 1) : workers;
      ClusterConfig cluster = job.file().cluster();
      Slots slots = new Slots(spark, cpus, cluster.gpusPerRank());
      Integer wanted = ranks(job);
      long memory =
          cluster.memory() != null
              ? ClusterConfig.bytes(cluster.memory())
              : ChildMemory.estimate(
                  job.file(),
                  bytes,
                  base.isGguf(),
                  described.config(),
                  cpus,
                  wanted == null ? 1 : wanted);
      return new Checked(job, shards, template, identity, slots, memory, cpus);
    } catch (IOException e) {
      throw new UncheckedIOException(job.baseName() + " cannot be looked at", e);
    }
  }

  private static @Nullable Integer ranks(Job job) {
    return job.ranks() == null ? job.file().cluster().ranks() : job.ranks();
  }

  /** From here on what fails is told in the training's status. */
  private Outcome watched(Checked checked, RunLock lock) {
    TrainingPlace place = checked.job().place();
    Watch watch =
        new Watch(place.directory(), place.name(), checked.job().invocation(), progress, clock);
    try {
      Outcome outcome = trained(checked, lock, watch);
      table(place, lock);
      watch.ended(outcome.code(), outcome.unfinished());
      return outcome;
    } catch (Throwable e) {
      // Throwable: Scala lets checked exceptions through, and a full disk is an Error
      CriaException told =
          e instanceof CriaException ours
              ? ours
              : new CriaException(ExitCode.FAULT, "training " + place.name() + ": " + e, e);
      if (!lock.isLost()) {
        table(place, lock);
        last(told, watch);
      }
      throw told;
    }
  }

  /** The table is made from what stays beside it: a failure there is no failure of the training. */
  private void table(TrainingPlace place, RunLock lock) {
    if (lock.isLost()) {
      return;
    }
    try {
      MetricsTable.write(place);
    } catch (RuntimeException | FSError e) {
      progress.note(
          place.run().path(place.table())
              + ": the metrics of "
              + place.name()
              + " could not be written there ("
              + e.getMessage()
              + "); they are in "
              + place.directory().path(TrainingPlace.METRICS));
    }
  }

  /** What broke the work may break its last words too: then the first failure is told. */
  private static void last(CriaException told, Watch watch) {
    try {
      watch.ended(told.exitCode(), String.valueOf(told.getMessage()));
    } catch (RuntimeException | Error e) {
      told.addSuppressed(e);
    }
  }

  private Outcome trained(Checked checked, RunLock lock, Watch watch) {
    Job job = checked.job();
    TrainingPlace place = job.place();
    Integer wait = job.file().cluster().waitSeconds();
    int ranks =
        checked
            .slots()
            .await(ranks(job), wait == null ? start.patience() : Duration.ofSeconds(wait), stop);
    boolean granted =
        ChildMemory.requireGranted(
            spark.getConf(), checked.memory(), Math.min(ranks, checked.slots().ofAnExecutor()));
    // not before: a name whose ranks never started is free for other settings
    checked.identity().keep(place.directory());
    watch.starting(ranks);
    RankSpec spec = spec(checked, lock, ranks, granted);
    List<RankReport> reports;
    try (Board board = Board.open(spec.id())) {
      reports =
          new BarrierJob(spark, spec, checked.slots(), returning(wait), board, watch, lock, stop)
              .run("train " + place.name() + " on " + ranks + (ranks == 1 ? " rank" : " ranks"));
    }
    RankReport first = reports.get(0);
    ExitCode code = ExitCode.of(first.code());
    int total = Math.max(first.steps(), watch.totalSteps());
    if (code == ExitCode.DONE) {
      lock.requireHeld();
      publish(checked, lock, first, total);
    } else if (code != ExitCode.STOPPED) {
      throw new CriaException(code, first.message());
    }
    return new Outcome(code, true, first.steps(), total);
  }

  /** A standalone master starts lost executors again at once, if anywhere. */
  private Duration returning(@Nullable Integer wait) {
    if (wait != null) {
      return Duration.ofSeconds(wait);
    }
    return spark.isLocal() || spark.master().startsWith("spark:") ? RETURN : RETURN_ELSEWHERE;
  }

  /** The directory of a base on this machine's disk; null for others. */
  private static @Nullable String local(String base) {
    String path = base.replaceFirst("^file:/*", "/");
    return !SftRunFile.isAddress(path) && Files.isDirectory(Path.of(path)) ? path : null;
  }

  private RankSpec spec(Checked checked, RunLock lock, int ranks, boolean granted) {
    Job job = checked.job();
    TrainingPlace place = job.place();
    TrainingConf conf = TrainingConf.of(job.file(), checked.template());
    place.directory().replace(TrainingPlace.CONF, conf.text());
    if (conf.template() != null) {
      place.directory().replace(TrainingConf.TEMPLATE, conf.template());
    }
    place.directory().replace(BasePlace.FILE, BasePlace.json(local(job.base()), job.base()));
    ClusterConfig cluster = job.file().cluster();
    return new RankSpec(
        UUID.randomUUID().toString(),
        place.run().root(),
        place.directory().root(),
        lock.epoch(),
        conf.text(),
        conf.template(),
        job.base(),
        job.baseName(),
        checked.identity().base(),
        Json.write(checked.shards()),
        job.file().training().keepCheckpoints(),
        ranks,
        TrainingChecks.device(job.file()),
        new RankSpec.Child(
            start.mainClass(),
            checked.cpus(),
            checked.memory(),
            granted,
            cluster.heap(),
            cluster.classPath() == null ? "" : cluster.classPath(),
            System.getProperty(ChildCommand.CLASS_PATH, ""),
            cluster.environment(),
            SILENT_SECONDS,
            start.readySeconds()),
        new SerializableConfiguration(hadoop));
  }

  /**
   * @param total steps that the settings ask for: more than were made where the time was over
   */
  private void publish(Checked checked, RunLock lock, RankReport first, int total) {
    TrainingIdentity identity = checked.identity();
    new Commits(checked.job().place().directory())
        .publish(
            TrainingPlace.RESULT,
            Map.of(),
            new Manifest(
                Manifest.FORMAT,
                lock.epoch(),
                "train",
                VERSION,
                identity.hash(),
                "",
                List.of(
                    new Manifest.Input("shards", identity.shards()),
                    new Manifest.Input("base", identity.base()),
                    new Manifest.Input("template", identity.template())),
                first.files(),
                Map.of(STEPS, (long) first.steps(), TOTAL_STEPS, (long) total),
                null));
  }
}
