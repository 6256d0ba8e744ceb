package io.cria.pipeline;

import io.cria.config.RunConfig;
import io.cria.run.Line;
import io.cria.run.RunContext;
import io.cria.run.RunProgress;
import io.cria.run.Shortfall;
import io.cria.stage.Candidates;
import io.cria.stage.Stage;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.storage.RunLock;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * One invocation on one run: takes the lock, refuses a run of another identity, does the stages
 * asked for, and leaves the outcome in status.json.
 */
public final class Runner {
  /** What an invocation that ended before run.json was written may have left. */
  private static final Set<String> OWN_BEFORE_START =
      Set.of("inputs", "_tmp", RunLock.FILE, RunContext.STOP_FILE, Outcome.DIRECTORY);

  private final SparkSession spark;
  private final RunDirectory run;
  private final RunProgress progress;
  private final Clock clock;
  private RunContext.Wish wish = RunContext.Wish.NONE;

  /**
   * @param directory the run's; made when it does not exist
   */
  public Runner(SparkSession spark, String directory, RunProgress progress, Clock clock) {
    this.spark = spark;
    this.run = RunDirectory.at(directory, spark.sparkContext().hadoopConfiguration());
    this.progress = progress;
    this.clock = clock;
  }

  /**
   * Commits what an earlier invocation left unfinished with the answers it has, in every stage, the
   * other requests recorded as not sent. Nothing is asked for those rounds, and no further round of
   * generation is begun; what a stage has not begun yet it does as ever, within the cap.
   */
  public Runner closingRound() {
    wish = new RunContext.Wish(true, wish.retryRejected());
    return this;
  }

  /**
   * Asks requests again that the server rejected, or that failed, and makes anew what follows: in
   * the stages that ask about instructions, and in the last round of generation.
   */
  public Runner retryingRejected() {
    wish = new RunContext.Wish(wish.closeRound(), true);
    return this;
  }

  public RunDirectory directory() {
    return run;
  }

  /**
   * Every stage of the recipe. Where a cap cuts a paid one, the later ones do what can be done all
   * the same, and the cap is told at the end. Returns whether there was anything to do.
   */
  public boolean runAll(RunInputs inputs) {
    return invoke(inputs, Recipes.stages(inputs.config()));
  }

  /**
   * Whether the recipe has a stage of that name; some do without.
   *
   * @throws CriaException when no recipe has one
   */
  public static boolean hasStage(RunInputs inputs, String name) {
    return Recipes.stage(inputs.config(), name).isPresent();
  }

  /** One stage. Returns whether there was anything to do: never where the recipe does without. */
  public boolean runStage(RunInputs inputs, String name) {
    Optional<Stage> stage = Recipes.stage(inputs.config(), name);
    return stage.isPresent() && invoke(inputs, List.of(stage.get()));
  }

  /** A stage that is no part of the recipe. Returns whether there was anything to do. */
  public boolean runBeside(RunInputs inputs, Stage stage) {
    return invoke(inputs, List.of(stage));
  }

  private boolean invoke(RunInputs inputs, List<Stage> stages) {
    validate(inputs);
    KeysInSpark.refuse(spark.sparkContext().getConf(), inputs.config().endpoint(), System.getenv());
    if (stages.stream().anyMatch(stage -> mayPay(stage, inputs.config()))) {
      PriceCheck.require(inputs, today());
    }
    refuseForeignDirectory();
    boolean begun = RunRecord.read(run).isPresent();
    run.mkdirs("inputs");
    StopRequest stop = new StopRequest(run, afterSignal(inputs.config()));
    Ending ending = new Ending();
    try (RunLock lock = RunLock.acquire(run, clock)) {
      RunIdentity identity = inputs.identity();
      RunRecord.ensure(run, identity, spark.version());
      prepare(inputs, begun);
      stop.install();
      return staged(inputs, stages, lock, identity.hash(), stop, ending);
    } catch (Throwable e) {
      // Throwable: Scala lets checked exceptions through, and a full disk is an Error
      CriaException told = Faults.told(e);
      ending.code = told.exitCode();
      throw told;
    } finally {
      stop.end(ending.code.code());
    }
  }

  /**
   * A cluster that ends a driver of its own kills it soon after the signal. Elsewhere a signal
   * comes from a person, who waits as after any request to stop.
   */
  private @Nullable Duration afterSignal(RunConfig config) {
    SparkConf conf = spark.sparkContext().getConf();
    boolean ofCluster =
        conf.get("spark.submit.deployMode", "client").equals("cluster")
            || conf.getBoolean("spark.kubernetes.submitInDriver", false);
    return ofCluster && config.limits().drainSeconds() == null ? StopRequest.BEFORE_KILL : null;
  }

  /** Whatever fails from here on concerns this very run, and is told in its status. */
  private void prepare(RunInputs inputs, boolean begun) {
    try {
      if (begun) {
        new RunCheck(run).requireLedger();
      }
      inputs.keep(run);
      run.removeTemporaries();
      run.delete(RunContext.STOP_FILE);
    } catch (RuntimeException | Error e) {
      CriaException told = Faults.told(e);
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

  /** A directory with other things in it and no run is somebody's: nothing is written there. */
  private void refuseForeignDirectory() {
    List<String> others = foreign(run);
    if (!others.isEmpty()) {
      throw CriaException.badInput(
          run.root()
              + ": this directory holds other things ("
              + others.get(0)
              + (others.size() > 1 ? ", …" : "")
              + ") and is no run: give --run a new directory");
    }
  }

  /** What a directory holds that is no run's; nothing where a run is or may be begun. */
  static List<String> foreign(RunDirectory run) {
    List<String> others =
        run.list(".").stream().filter(name -> !OWN_BEFORE_START.contains(name)).toList();
    return run.exists(RunRecord.FILE) ? List.of() : others;
  }

  private static final class Ending {
    private ExitCode code = ExitCode.DONE;
    private String stage = "";
    private @Nullable CriaException capped;
  }

  /** What can be refused before anything is written or sent. */
  private static void validate(RunInputs inputs) {
    RunConfig config = inputs.config();
    Candidates.chain(config.generate().filters());
    io.cria.parse.CandidateParser.named(config.generate().parser());
    io.cria.text.Tokenizer.named(config.similarity().tokenizer());
    io.cria.stage.GeneratePrompts.builder(config.generate(), inputs.prompts(), inputs.seeds());
    if (config.instances() != null) {
      io.cria.prompt.InstancePrompt.named(config.instances().prompt(), inputs.prompts());
      io.cria.parse.InstanceParser.named(config.instances().parser());
    }
  }

  private LocalDate today() {
    return LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
  }

  /** A recipe whose answers hold input and output already asks for no instances. */
  private static boolean mayPay(Stage stage, RunConfig config) {
    boolean taken = stage.declaration().equals(Line.INSTANCES) && config.instances() == null;
    return stage.declaration().asks() && !taken;
  }

  private boolean staged(
      RunInputs inputs,
      List<Stage> stages,
      RunLock lock,
      String identity,
      StopRequest stop,
      Ending ending) {
    Shortfall shortfall = RunStatus.shortfall(run);
    RunStatus.Writer status = status(shortfall);
    try (ModelAddress model = new ModelAddress(inputs.config(), spark.sparkContext().isLocal())) {
      RunContext context = context(inputs, lock, identity, stop, model, shortfall);
      boolean worked = false;
      for (Stage stage : stages) {
        ending.stage = stage.name();
        shortfall.begin(stage.name());
        status.running(stage.name(), clock.instant());
        worked |= done(stage, context, ending);
      }
      if (ending.capped != null) {
        throw ending.capped;
      }
      if (shortfall.isThere() && stages.equals(Recipes.stages(inputs.config()))) {
        throw new CriaException(ExitCode.CAP_REACHED, shortfall.reason());
      }
      status.ended(ExitCode.DONE, "", ending.stage, clock.instant());
      return worked;
    } catch (Throwable e) {
      CriaException told = Faults.told(e);
      if (!lock.isLost()) {
        // a run that another driver took over is that driver's to tell of
        end(told, ending.stage, status);
      }
      throw told;
    }
  }

  /**
   * One stage; a cap that cuts a paid one is kept for the end, so that the later ones have their
   * turn. Nothing else that fails is.
   */
  private static boolean done(Stage stage, RunContext context, Ending ending) {
    try {
      return stage.run(context);
    } catch (RuntimeException e) {
      CriaException told = Faults.told(e);
      if (told.exitCode() != ExitCode.CAP_REACHED || !stage.declaration().asks()) {
        throw e;
      }
      context.shortfall().cut(stage.name(), String.valueOf(told.getMessage()));
      context.progress().note(stage.name() + " is cut by a cap; what is there is kept");
      ending.capped = told;
      context.checkpoint();
      return true;
    }
  }

  /**
   * What broke the work may break its last words too: then the first failure is told all the same.
   */
  private void end(CriaException told, String stage, RunStatus.Writer status) {
    try {
      status.ended(told.exitCode(), String.valueOf(told.getMessage()), stage, clock.instant());
    } catch (RuntimeException | Error e) {
      told.addSuppressed(e);
    }
  }

  private RunContext context(
      RunInputs inputs,
      RunLock lock,
      String identity,
      StopRequest stop,
      ModelAddress model,
      Shortfall shortfall) {
    return new RunContext(
        spark,
        run,
        lock,
        inputs.config(),
        model,
        identity,
        inputs.seeds(),
        new Manifest.Input("inputs/seeds.jsonl", inputs.seedsSha256()),
        inputs.prompts().texts(),
        inputs.prices(),
        progress,
        stop,
        wish,
        shortfall,
        () -> new DryRun(inputs, today()).estimates());
  }
}
