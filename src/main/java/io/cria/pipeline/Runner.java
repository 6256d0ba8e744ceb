package io.cria.pipeline;

import io.cria.config.AskConfig;
import io.cria.config.RunConfig;
import io.cria.run.Line;
import io.cria.run.RunContext;
import io.cria.run.RunProgress;
import io.cria.run.Shortfall;
import io.cria.run.Wish;
import io.cria.stage.Candidates;
import io.cria.stage.Stage;
import io.cria.storage.Manifest;
import io.cria.storage.RunDirectory;
import io.cria.task.CriaException;
import io.cria.task.ExitCode;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.spark.sql.SparkSession;

/**
 * One invocation on one run: takes the lock, refuses a run of another identity, does the stages
 * asked for, and leaves the outcome in status.json.
 */
public final class Runner {
  private final SparkSession spark;
  private final RunDirectory run;
  private final RunProgress progress;
  private final Clock clock;
  private Wish wish = Wish.NONE;
  private Consumer<AskConfig> beforeAsking = asked -> {};

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
    wish = new Wish(true, wish.retryRejected());
    return this;
  }

  /**
   * Asks requests again that the server rejected, or that failed, and makes anew what follows: in
   * the stages that ask about instructions, and in the last round of generation.
   */
  public Runner retryingRejected() {
    wish = new Wish(wish.closeRound(), true);
    return this;
  }

  /**
   * Is told who will be asked, once each, when there is something to send and before any of it is;
   * may refuse.
   */
  public Runner beforeAsking(Consumer<AskConfig> look) {
    beforeAsking = look;
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
    AskConfig asking = inputs.config().asking();
    for (AskConfig each : inputs.config().mayBeAsked()) {
      KeysInSpark.refuse(spark.sparkContext().getConf(), each.endpoint(), System.getenv());
    }
    stages.stream()
        .flatMap(stage -> asked(stage, inputs.config()).stream())
        .distinct()
        .forEach(each -> PriceCheck.of(each, inputs).require(today()));
    return new LockedWork(spark, run, clock, "another --run directory", progress)
        .invoke(
            inputs.identity(),
            asking.limits(),
            epoch -> inputs.keep(run, epoch),
            held -> staged(inputs, stages, held));
  }

  /** What can be refused before anything is written or sent. */
  private static void validate(RunInputs inputs) {
    RunConfig config = inputs.config();
    Candidates.chain(config.generate().filters());
    io.cria.parse.CandidateParser.named(config.generate().parser(), config.words());
    io.cria.text.Tokenizer.named(config.similarity().tokenizer());
    io.cria.stage.GeneratePrompts.builder(
        config.generate(), inputs.prompts(), inputs.seeds(), config.words());
    if (config.classify() != null) {
      io.cria.stage.ClassifyStage.answer(config.classify(), config.words());
    }
    if (config.instances() != null) {
      io.cria.prompt.InstancePrompt.named(config.instances().prompt(), inputs.prompts());
      io.cria.parse.InstanceParser.named(config.instances().parser(), config.words());
      Candidates.chain(Objects.requireNonNullElse(config.instances().filters(), List.of()));
    }
  }

  private LocalDate today() {
    return LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
  }

  /**
   * Who may be asked, and paid, in a stage. A recipe whose answers hold input and output already
   * asks for no instances.
   */
  private static Optional<AskConfig> asked(Stage stage, RunConfig config) {
    if (stage.declaration().equals(Line.MODERATE)) {
      return config.moderating();
    }
    boolean taken = stage.declaration().equals(Line.INSTANCES) && config.instances() == null;
    return stage.declaration().asks() && !taken ? Optional.of(config.asking()) : Optional.empty();
  }

  /** A service that moderates may want money as the model does. */
  private static boolean mayBeCut(Stage stage) {
    return stage.declaration().asks() || stage.declaration().equals(Line.MODERATE);
  }

  private boolean staged(RunInputs inputs, List<Stage> stages, LockedWork.Held held) {
    try (ModelAddress model =
        new ModelAddress(
            inputs.config().asking(),
            spark.sparkContext().isLocal(),
            beforeAsking,
            progress::note)) {
      RunContext context = context(inputs, held, model);
      boolean worked = false;
      CriaException capped = null;
      int number = 0;
      for (Stage stage : stages) {
        held.begin(stage.name());
        progress.stage(++number, stages.size(), stage.name());
        try {
          worked |= stage.run(context);
        } catch (RuntimeException e) {
          capped = cut(stage, context, e);
          worked = true;
        }
      }
      progress.end();
      if (capped != null) {
        throw capped;
      }
      Shortfall shortfall = held.shortfall();
      if (shortfall.isThere() && stages.equals(Recipes.stages(inputs.config()))) {
        throw new CriaException(ExitCode.CAP_REACHED, shortfall.reason());
      }
      return worked;
    }
  }

  /**
   * A cap that cuts a paid stage is kept for the end, so that the later ones have their turn.
   * Nothing else that fails is.
   */
  private static CriaException cut(Stage stage, RunContext context, RuntimeException e) {
    CriaException told = Faults.told(e);
    if (told.exitCode() != ExitCode.CAP_REACHED || !mayBeCut(stage)) {
      throw e;
    }
    context.shortfall().cut(stage.name(), String.valueOf(told.getMessage()));
    context.progress().note(stage.name() + " is cut by a cap; what is there is kept");
    context.checkpoint();
    return told;
  }

  private RunContext context(RunInputs inputs, LockedWork.Held held, ModelAddress model) {
    return new RunContext(
        spark,
        run,
        held.lock(),
        inputs.config(),
        model,
        held.identity(),
        inputs.seeds(),
        new Manifest.Input("inputs/seeds.jsonl", inputs.seedsSha256()),
        inputs.prompts().texts(),
        inputs.prices(),
        progress,
        held.stop(),
        wish,
        held.shortfall(),
        () -> new DryRun(inputs, today()).estimates());
  }
}
