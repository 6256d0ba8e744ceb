package io.cria.sft.train;

/**
 * Steps that the configuration means for the data.
 *
 * @param rows of an epoch
 * @param stepsPerEpoch the last of which may have fewer rows
 * @param totalSteps of the run
 */
record TrainingPlan(int rows, int stepsPerEpoch, int totalSteps) {
  static TrainingPlan of(SftConfig config, int rows) {
    int perEpoch = (rows + config.batchRows() - 1) / config.batchRows();
    int byEpochs = (int) Math.max(1, Math.ceil(perEpoch * config.epochs() - 1e-9));
    Integer most = config.maxSteps();
    return new TrainingPlan(rows, perEpoch, most == null ? byEpochs : Math.min(byEpochs, most));
  }
}
