package io.cria.sft.train;

import io.cria.sft.natives.Scoped;
import io.cria.sft.natives.Tensors;
import io.cria.task.CriaException;
import io.cria.task.SeededRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * One optimizer step: this rank's rows of the global batch forward and back, gradients summed over
 * all ranks while the backward pass goes on, judged, and applied. Gradients are scaled by the
 * labels of the whole batch, so that it does not matter which rank has how many.
 */
final class TrainingStep {
  private final TrainingSetup setup;
  private final ProcessGroup group;
  private final Standing standing;
  private final Decisions decisions;
  private final LossGuard guard;
  private final RankRows rows;
  private final GradientReduction reduction;
  private final LearningRate schedule;
  private final BooleanSupplier interrupted;

  /**
   * What became of a step.
   *
   * @param step its numbers
   * @param verdict what is to follow
   */
  record Made(TrainingReport.Step step, Decisions.Verdict verdict) {}

  /** Labels, tokens and loss of a batch over all ranks. */
  private record Totals(double targets, double tokens) {}

  /**
   * @param interrupted whether to give a step up half-way; several ranks never do
   */
  TrainingStep(
      TrainingSetup setup,
      Standing standing,
      Decisions decisions,
      LossGuard guard,
      RankRows rows,
      BooleanSupplier interrupted) {
    this.setup = setup;
    this.group = setup.group();
    this.standing = standing;
    this.decisions = decisions;
    this.guard = guard;
    this.rows = rows;
    this.reduction = new GradientReduction(group, setup.parameters(), setup.shares());
    this.schedule = LearningRate.of(setup.config(), setup.plan().totalSteps());
    this.interrupted = group.size() > 1 ? () -> false : interrupted;
  }

  /**
   * Makes the next step; empty when it was given up.
   *
   * @throws CriaException when the batch has no label, or too many steps in a row had to be skipped
   */
  Optional<Made> make(BatchSource train) {
    List<TrainingRow> own = rows.ofStep(train, standing.steps);
    Totals totals = totals(own);
    double rate = schedule.at(standing.steps);
    setup.device().device().seed(seed());
    Optional<GradientWorkers.Losses> losses =
        setup
            .workers()
            .run(
                PackedBatch.split(own, setup.config().microBatchTokens() / setup.workers().count()),
                1 / totals.targets(),
                interrupted,
                reduction::reduce);
    if (losses.isEmpty()) {
      return Optional.empty();
    }
    double[] lossAndNorms = group.sum(lossAndNorms(losses.get()));
    double loss = lossAndNorms[0] / totals.targets();
    double norm = GradientNorm.of(Arrays.copyOfRange(lossAndNorms, 1, lossAndNorms.length));
    Decisions.Verdict verdict = decisions.judge(standing.steps + 1, loss, norm);
    if (verdict.skipped().isEmpty()) {
      setup.optimizer().step(rate, GradientNorm.clipFactor(norm, setup.config().clipNorm()));
      reduction.spread();
      standing.lastLoss = loss;
    }
    setup.workers().clearGradients();
    standing.steps++;
    standing.tokens += (long) totals.tokens();
    standing.targets += (long) totals.targets();
    return Optional.of(
        new Made(
            new TrainingReport.Step(
                loss,
                norm,
                rate,
                (long) totals.tokens(),
                (long) totals.targets(),
                verdict.skipped()),
            verdict));
  }

  private Totals totals(List<TrainingRow> own) {
    double[] sums =
        group.sum(
            (double) own.stream().mapToLong(TrainingRow::targets).sum(),
            (double) own.stream().mapToLong(TrainingRow::length).sum());
    if (sums[0] == 0) {
      throw CriaException.badInput(
          "step "
              + (standing.steps + 1)
              + " has no labelled token (train: "
              + setup.config().train()
              + "): give examples with an answer");
    }
    return new Totals(sums[0], sums[1]);
  }

  /** Dropout draws by step and rank: where a run is resumed, it draws as it would have. */
  private long seed() {
    return SeededRandom.of(setup.config().seed(), "dropout", standing.steps, group.rank())
        .nextLong();
  }

  /**
   * The summed loss, then the norm of each parameter's gradient, from its one owner. A GPU is
   * waited for once.
   */
  private double[] lossAndNorms(GradientWorkers.Losses losses) {
    List<String> names = List.copyOf(setup.parameters().parameters().keySet());
    List<String> mine = names.stream().filter(setup.shares()::isMine).toList();
    double[] read = read(losses, mine.stream().map(setup.parameters()::parameter).toList());
    double[] values = new double[1 + names.size()];
    int next = losses.scalars().size();
    values[0] = GradientWorkers.sum(read, next);
    for (int i = 0; i < names.size(); i++) {
      if (setup.shares().isMine(names.get(i))) {
        values[1 + i] = read[next++];
      }
    }
    return values;
  }

  /** The losses, which are released, and then the norms of the parameters' gradients. */
  private static double[] read(GradientWorkers.Losses losses, List<Tensor> parameters) {
    try (losses) {
      return Scoped.withoutGradients(
          () -> {
            TensorVector parts = new TensorVector();
            if (!losses.scalars().isEmpty()) {
              parts.push_back(torch.stack(vector(losses.scalars())));
            }
            if (!parameters.isEmpty()) {
              parts.push_back(GradientNorm.each(parameters));
            }
            return parts.empty() ? new double[0] : Tensors.toDoubles(torch.cat(parts));
          });
    }
  }

  private static TensorVector vector(List<Tensor> tensors) {
    return new TensorVector(tensors.toArray(Tensor[]::new));
  }

  /**
   * Ends the run when too many steps in a row were skipped; on rank 0, which knows.
   *
   * @throws GaveUp then
   */
  void requireGood(Optional<String> skipped) {
    if (guard.gaveUp()) {
      throw new GaveUp(
          guard.skippedInRow()
              + " steps in a row were skipped ("
              + skipped.orElse("")
              + ", step "
              + standing.steps
              + "): lower optimizer.learningRate or look at the data; "
              + setup
                  .checkpoints()
                  .latest()
                  .map(path -> "the last good checkpoint is " + path)
                  .orElse("there is no checkpoint"));
    }
  }
}
