package io.cria.sft.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a run says of itself: lines for people, and numbers in the metrics, which rank 0 writes. */
final class TrainingReport implements AutoCloseable {
  private final Trainer.Environment environment;
  private final TrainingPlan plan;
  private final Standing standing;
  private final TrainingProgress progress;
  private final @Nullable MetricsLog metrics;

  /**
   * One step's numbers.
   *
   * @param loss nats per target
   * @param norm of the gradient, before clipping
   * @param rate of learning
   * @param tokens of all ranks
   * @param targets of all ranks
   * @param skipped why it changed nothing; empty for a good one
   */
  record Step(
      double loss, double norm, double rate, long tokens, long targets, Optional<String> skipped) {}

  TrainingReport(TrainingSetup setup, Trainer.Environment environment, Standing standing) {
    this.environment = environment;
    this.plan = setup.plan();
    this.standing = standing;
    TrainerState state = setup.state();
    metrics =
        setup.group().isFirst()
            ? new MetricsLog(setup.output(), standing.steps, environment.events()::metrics)
            : null;
    progress =
        new TrainingProgress(
            environment, plan, standing.steps, state == null ? 0 : state.seconds());
  }

  void say(String line) {
    environment.messages().accept(line);
  }

  void step(Step step) {
    progress.step(standing.steps, step.tokens(), step.loss(), step.rate(), step.skipped());
    ObjectNode line = MetricsLog.line(standing.steps);
    line.put("epoch", (double) standing.steps / plan.stepsPerEpoch());
    line.put("loss", finite(step.loss()));
    line.put("grad_norm", finite(step.norm()));
    line.put("lr", step.rate());
    line.put("tokens", step.tokens());
    line.put("targets", step.targets());
    line.put("tokens_per_second", progress.tokensPerSecond());
    line.put("seconds", progress.seconds());
    step.skipped().ifPresent(reason -> line.put("skipped", reason));
    write(line);
  }

  private static @Nullable Double finite(double value) {
    return Double.isFinite(value) ? value : null;
  }

  void evaluation(double loss) {
    write(MetricsLog.line(standing.steps).put("eval_loss", loss));
    say(String.format(Locale.ROOT, "step %d evaluation loss %.4f", standing.steps, loss));
  }

  private void write(ObjectNode line) {
    if (metrics != null) {
      metrics.write(line);
    }
  }

  /** Time trained, earlier starts included. */
  double seconds() {
    return progress.seconds();
  }

  double secondsOfThisStart() {
    return progress.secondsOfThisStart();
  }

  @Override
  public void close() {
    if (metrics != null) {
      metrics.close();
    }
  }
}
