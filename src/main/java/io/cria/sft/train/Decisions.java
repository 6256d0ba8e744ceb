package io.cria.sft.train;

import java.util.List;
import java.util.Optional;

/** What is to happen next. Rank 0 decides, and all ranks do it. */
final class Decisions {
  private static final List<String> SKIPPED = List.of("", LossGuard.NOT_FINITE, LossGuard.SPIKE);

  private static final List<Next> NEXT = List.of(Next.STEP, Next.STOP, Next.TIME_OVER, Next.DONE);

  private final ProcessGroup group;
  private final SftConfig config;
  private final TrainingPlan plan;
  private final LossGuard guard;

  /** What is next. */
  enum Next {
    STEP,
    STOP,
    TIME_OVER,
    DONE
  }

  /**
   * What becomes of a step.
   *
   * @param skipped why it must change nothing; empty for a good one
   * @param evaluates whether the held-out rows are looked at after it
   * @param saves whether a checkpoint is made after it
   */
  record Verdict(Optional<String> skipped, boolean evaluates, boolean saves) {}

  Decisions(ProcessGroup group, SftConfig config, TrainingPlan plan, LossGuard guard) {
    this.group = group;
    this.config = config;
    this.plan = plan;
    this.guard = guard;
  }

  /**
   * @param steps done
   * @param timeOver by this rank's clock
   * @param stopWished whether this rank was asked to stop: one of all is enough
   */
  Next next(int steps, boolean timeOver, boolean stopWished) {
    boolean stop = group.sum(stopWished ? 1 : 0)[0] > 0;
    Next own =
        steps >= plan.totalSteps()
            ? Next.DONE
            : timeOver ? Next.TIME_OVER : stop ? Next.STOP : Next.STEP;
    return NEXT.get((int) group.ofFirst(NEXT.indexOf(own))[0]);
  }

  /**
   * @param step the one that was made, from 1
   */
  Verdict judge(int step, double loss, double norm) {
    int skipped = group.isFirst() ? SKIPPED.indexOf(guard.judge(loss, norm).orElse("")) : 0;
    boolean evaluates = step % config.evaluateEverySteps() == 0 && step < plan.totalSteps();
    boolean saves = step % config.checkpointEverySteps() == 0;
    double[] ofFirst = group.ofFirst(skipped, evaluates ? 1 : 0, saves ? 1 : 0);
    String reason = SKIPPED.get((int) ofFirst[0]);
    return new Verdict(
        reason.isEmpty() ? Optional.empty() : Optional.of(reason), ofFirst[1] > 0, ofFirst[2] > 0);
  }
}
