package io.cria.sft.train;

import io.cria.sft.natives.NativeErrors;
import io.cria.task.CriaException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One fine-tuning run: set up or resumed, trained, evaluated, saved. Started again with the same
 * configuration it goes on from its last checkpoint and ends with the same bits as if it had never
 * stopped. Several ranks run it together, each with its share of every batch.
 */
public final class Trainer implements AutoCloseable {
  /** A file of this name in the output directory asks the run to stop. */
  public static final String STOP_FILE = "stop";

  private final BatchSource train;
  private final @Nullable Evaluation evaluation;
  private final Environment environment;
  private final TrainingSetup setup;
  private final Standing standing;
  private final LossGuard guard;
  private final Decisions decisions;
  private final TrainingStep step;
  private final TrainingReport report;
  private final RunFiles files;

  /**
   * What the run gets from outside.
   *
   * @param nanoTime a monotonic clock
   * @param stopRequested whether to stop soon, resumable
   * @param messages takes progress, a line at a time
   * @param group the ranks that train together
   * @param events told what the run makes
   * @param baseName how adapters name the model they belong to; null for its directory
   * @param cards writes what is told beside a checkpoint
   */
  public record Environment(
      LongSupplier nanoTime,
      BooleanSupplier stopRequested,
      Consumer<String> messages,
      ProcessGroup group,
      RunEvents events,
      @Nullable String baseName,
      Cards cards) {
    /** Of a process that trains alone. */
    public Environment(
        LongSupplier nanoTime, BooleanSupplier stopRequested, Consumer<String> messages) {
      this(nanoTime, stopRequested, messages, ProcessGroup.ALONE, RunEvents.NONE, null);
    }

    /** Of one of several ranks. */
    public Environment(
        LongSupplier nanoTime,
        BooleanSupplier stopRequested,
        Consumer<String> messages,
        ProcessGroup group,
        RunEvents events,
        @Nullable String baseName) {
      this(nanoTime, stopRequested, messages, group, events, baseName, (checkpoint, steps) -> {});
    }

    /** The same for a base of that name. */
    public Environment of(String base, Cards written) {
      return new Environment(nanoTime, stopRequested, messages, group, events, base, written);
    }
  }

  /** Writes what is told beside a checkpoint. */
  @FunctionalInterface
  public interface Cards {
    /**
     * @param checkpoint its directory, which holds a model or an adapter
     */
    void write(Path checkpoint, int steps);
  }

  /**
   * How a run ended.
   *
   * @param finished whether it ended by itself, all steps done or its time over; else it stopped on
   *     request and can be resumed
   * @param steps steps done
   * @param totalSteps of the whole run
   * @param lastLoss of the last step, nats per target; NaN when none was made
   * @param firstEvaluationLoss before the first step; NaN without evaluation
   * @param lastEvaluationLoss after the last; NaN without evaluation
   * @param result directory of the tuned model or adapter, or of the last checkpoint when stopped
   */
  public record Outcome(
      boolean finished,
      int steps,
      int totalSteps,
      double lastLoss,
      double firstEvaluationLoss,
      double lastEvaluationLoss,
      Path result) {}

  /** Whether the directory of a run holds checkpoints to go on from. */
  public static boolean hasCheckpoints(Path output) {
    return new Checkpoints(output, 1).latest().isPresent();
  }

  /**
   * Loads the model and, where the output of rank 0 holds checkpoints, the latest of them.
   *
   * @param heldOut rows to evaluate with, or null
   * @throws CriaException when the data are empty or without labels, or the checkpoint is of
   *     another configuration
   */
  public Trainer(
      SftConfig config, BatchSource train, @Nullable BatchSource heldOut, Environment environment) {
    this.train = train;
    this.environment = environment;
    setup = TrainingSetup.prepare(config, train, environment);
    guard = new LossGuard(config.guards());
    TrainerState state = setup.state();
    if (state != null) {
      guard.resume(state.losses(), state.skippedInRow());
    }
    standing = state == null ? Standing.atStart() : Standing.of(state);
    decisions = new Decisions(setup.group(), config, setup.plan(), guard);
    RankRows rows =
        new RankRows(setup.group(), config, setup.plan(), setup.model().config().vocabularySize());
    evaluation = heldOut == null ? null : new Evaluation(setup, heldOut, rows);
    step = new TrainingStep(setup, standing, decisions, guard, rows, environment.stopRequested());
    files = new RunFiles(setup, train.fingerprint(), environment);
    report = new TrainingReport(setup, environment, standing);
    report.say(setup.describe());
    setup.tight().ifPresent(report::say);
  }

  /**
   * Trains to the end of the steps or of the time, or until asked to stop; either way the last step
   * is in a checkpoint.
   *
   * @throws CriaException when memory or disk do not suffice, or too many steps in a row had to be
   *     skipped
   */
  public Outcome run() {
    try {
      return trained();
    } catch (CriaException | ProcessGroup.Broken e) {
      throw e;
    } catch (RuntimeException e) {
      throw NativeErrors.explain(e, MemoryEstimate.LOWER);
    } catch (OutOfMemoryError e) {
      throw NativeErrors.explain(e, MemoryEstimate.LOWER);
    }
  }

  private Outcome trained() {
    if (standing.steps == 0) {
      standing.firstEvaluationLoss = evaluate();
    }
    Decisions.Next next = next();
    while (next == Decisions.Next.STEP) {
      Optional<TrainingStep.Made> made = step.make(train);
      if (made.isEmpty()) {
        return stopped();
      }
      follow(made.get());
      next = next();
    }
    if (next == Decisions.Next.STOP) {
      return stopped();
    }
    if (next == Decisions.Next.TIME_OVER) {
      report.say(
          "the time is over after step " + standing.steps + " of " + setup.plan().totalSteps());
    }
    evaluate();
    checkpoint();
    return outcome(true, files.result());
  }

  private void follow(TrainingStep.Made made) {
    report.step(made.step());
    step.requireGood(made.verdict().skipped());
    if (made.verdict().evaluates()) {
      evaluate();
    }
    if (made.verdict().saves()) {
      checkpoint();
    }
  }

  private Decisions.Next next() {
    return decisions.next(standing.steps, isTimeOver(), mustStop());
  }

  private boolean mustStop() {
    return environment.stopRequested().getAsBoolean()
        || Files.exists(setup.output().resolve(STOP_FILE));
  }

  /** Whether this start has trained for as long as it may; each start makes at least one step. */
  private boolean isTimeOver() {
    Double minutes = setup.config().maxMinutes();
    return minutes != null
        && standing.steps > standing.firstStep
        && report.secondsOfThisStart() > minutes * 60;
  }

  private Outcome stopped() {
    setup.workers().clearGradients();
    checkpoint();
    report.say(
        "stopped after step "
            + standing.steps
            + " of "
            + setup.plan().totalSteps()
            + "; start again to resume");
    return outcome(false, setup.checkpoints().latest().orElse(setup.output()));
  }

  /** Mean loss per target over the held-out rows; NaN without any. */
  private double evaluate() {
    if (evaluation == null) {
      return Double.NaN;
    }
    standing.lastEvaluationLoss = evaluation.loss();
    report.evaluation(standing.lastEvaluationLoss);
    return standing.lastEvaluationLoss;
  }

  private void checkpoint() {
    files.checkpoint(standing, guard, report.seconds());
  }

  private Outcome outcome(boolean finished, Path result) {
    return new Outcome(
        finished,
        standing.steps,
        setup.plan().totalSteps(),
        standing.lastLoss,
        standing.firstEvaluationLoss,
        standing.lastEvaluationLoss,
        result);
  }

  @Override
  public void close() {
    report.close();
    setup.close();
  }
}
