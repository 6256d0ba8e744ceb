package io.cria.sft.train;

import io.cria.task.CriaException;
import java.util.List;

/** The mean loss per target over the held-out rows, each rank computing its share of them. */
final class Evaluation {
  private final TrainingSetup setup;
  private final BatchSource heldOut;
  private final RankRows rows;

  Evaluation(TrainingSetup setup, BatchSource heldOut, RankRows rows) {
    this.setup = setup;
    this.heldOut = heldOut;
    this.rows = rows;
  }

  /**
   * @throws CriaException when no held-out token has a label
   */
  double loss() {
    List<TrainingRow> own = rows.ofAll(heldOut);
    GradientWorkers workers = setup.workers();
    double sum =
        workers.loss(PackedBatch.split(own, setup.config().microBatchTokens() / workers.count()));
    double count = own.stream().mapToLong(TrainingRow::targets).sum();
    double[] all = setup.group().sum(sum, count);
    if (all[1] == 0) {
      throw CriaException.badInput(
          "the held-out data have no labelled token (evaluation: "
              + setup.config().evaluation()
              + "): give examples with an answer");
    }
    return all[0] / all[1];
  }
}
