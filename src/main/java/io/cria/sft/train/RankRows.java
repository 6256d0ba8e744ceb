package io.cria.sft.train;

import io.cria.task.CriaException;
import java.util.ArrayList;
import java.util.List;

/** This rank's rows: all ranks see one order and take every so-many-th row of it. */
final class RankRows {
  private final ProcessGroup group;
  private final SftConfig config;
  private final TrainingPlan plan;
  private final int vocabularySize;

  RankRows(ProcessGroup group, SftConfig config, TrainingPlan plan, int vocabularySize) {
    this.group = group;
    this.config = config;
    this.plan = plan;
    this.vocabularySize = vocabularySize;
  }

  /**
   * Of the next global batch; the last batch of an epoch may be smaller.
   *
   * @param steps done
   */
  List<TrainingRow> ofStep(BatchSource train, int steps) {
    int epoch = steps / plan.stepsPerEpoch();
    int first = steps % plan.stepsPerEpoch() * config.batchRows();
    return rows(train, epoch, first, Math.min(plan.rows(), first + config.batchRows()));
  }

  /** Of all rows in their first order. */
  List<TrainingRow> ofAll(BatchSource source) {
    return rows(source, 0, 0, source.rows());
  }

  private List<TrainingRow> rows(BatchSource source, int epoch, int first, int end) {
    List<TrainingRow> rows = new ArrayList<>();
    for (int i = first + group.rank(); i < end; i += group.size()) {
      TrainingRow row = source.row(epoch, i);
      requireKnownTokens(row, epoch, i);
      rows.add(row);
    }
    return rows;
  }

  private void requireKnownTokens(TrainingRow row, int epoch, int index) {
    for (int token : row.tokens()) {
      if (token < 0 || token >= vocabularySize) {
        throw CriaException.badInput(
            "row "
                + index
                + " of epoch "
                + epoch
                + " has token "
                + token
                + ", the model knows "
                + vocabularySize
                + " (train: "
                + config.train()
                + "): write the shards with the model's own tokenizer");
      }
    }
  }
}
