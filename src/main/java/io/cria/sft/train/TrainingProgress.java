package io.cria.sft.train;

import java.util.Locale;
import java.util.Optional;

/**
 * Speed, remaining time and the line that tells them. A line stands at every step, or where steps
 * are quick at every second one, every fifth, tenth and so on, about one a second: the numbers of a
 * training grow by even stretches.
 */
final class TrainingProgress {
  private static final double NANOS = 1e9;

  /** Up to a million steps a line. */
  private static final int STRETCHES = 18;

  private final Trainer.Environment environment;
  private final TrainingPlan plan;
  private final int firstStep;
  private final double secondsBefore;
  private final long start;
  private int stretch = 1;
  private long lastStep;
  private long lastLine;
  private int lastLineStep;
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
    lastLine = start;
    lastLineStep = firstStep;
  }

  void step(int steps, long tokens, double loss, double learningRate, Optional<String> skipped) {
    long now = environment.nanoTime().getAsLong();
    tokensPerSecond = tokens / Math.max(1e-9, (now - lastStep) / NANOS);
    lastStep = now;
    if (steps % stretch != 0 && steps < plan.totalSteps() && skipped.isEmpty()) {
      return;
    }
    stretch = stretch((now - lastLine) / NANOS / (steps - lastLineStep));
    lastLine = now;
    lastLineStep = steps;
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

  /** The least of 1, 2, 5, 10, 20, 50, … steps that take a second together. */
  private static int stretch(double secondsPerStep) {
    int steps = 1;
    for (int i = 0; steps * secondsPerStep < 1 && i < STRETCHES; i++) {
      steps = i % 3 == 1 ? steps / 2 * 5 : steps * 2;
    }
    return steps;
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
