package io.cria.sft.train;

import java.util.Locale;
import java.util.Optional;

/** Speed, remaining time and the line that tells them, at most one a second. */
final class TrainingProgress {
  private static final double NANOS = 1e9;

  private final Trainer.Environment environment;
  private final TrainingPlan plan;
  private final int firstStep;
  private final double secondsBefore;
  private final long start;
  private long lastStep;
  private long lastLine;
  private double tokensPerSecond;

  /**
   * @param firstStep steps done before this start
   * @param secondsBefore time trained before it
   */
  TrainingProgress(
      Trainer.Environment environment, TrainingPlan plan, int firstStep, double secondsBefore) {
    this.environment = environment;
    this.plan = plan;
    this.firstStep = firstStep;
    this.secondsBefore = secondsBefore;
    start = environment.nanoTime().getAsLong();
    lastStep = start;
    lastLine = start - (long) NANOS;
  }

  void step(int steps, long tokens, double loss, double learningRate, Optional<String> skipped) {
    long now = environment.nanoTime().getAsLong();
    tokensPerSecond = tokens / Math.max(1e-9, (now - lastStep) / NANOS);
    lastStep = now;
    if (now - lastLine < NANOS && steps < plan.totalSteps() && skipped.isEmpty()) {
      return;
    }
    lastLine = now;
    double perStep = secondsOfThisStart() / Math.max(1, steps - firstStep);
    long left = Math.round(perStep * (plan.totalSteps() - steps));
    environment
        .messages()
        .accept(
            String.format(
                Locale.ROOT,
                "step %d/%d epoch %.2f loss %.4f lr %.2e %.0f tok/s ETA %d:%02d:%02d%s",
                steps,
                plan.totalSteps(),
                (double) steps / plan.stepsPerEpoch(),
                loss,
                learningRate,
                tokensPerSecond,
                left / 3600,
                left / 60 % 60,
                left % 60,
                skipped.map(reason -> " skipped: " + reason).orElse("")));
  }

  /** Of the last step. */
  double tokensPerSecond() {
    return tokensPerSecond;
  }

  double secondsOfThisStart() {
    return (environment.nanoTime().getAsLong() - start) / NANOS;
  }

  /** Time trained, earlier starts included. */
  double seconds() {
    return secondsBefore + secondsOfThisStart();
  }
}
