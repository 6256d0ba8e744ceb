package io.cria.sft.train;

/**
 * The learning rate of each step: it rises in equal parts from 0 over the warm-up, then follows the
 * schedule to the last step. A run of one step has no warm-up: the step would learn nothing.
 *
 * @param kind cosine, linear or constant
 * @param peak the rate at the end of the warm-up
 * @param warmupSteps steps of the warm-up
 * @param totalSteps all steps, warm-up included
 */
record LearningRate(String kind, double peak, int warmupSteps, int totalSteps) {
  LearningRate {
    if (totalSteps == 1) {
      warmupSteps = 0;
    }
  }

  static LearningRate of(SftConfig config, int totalSteps) {
    Integer steps = config.schedule().warmupSteps();
    int warmup =
        steps != null ? steps : (int) Math.ceil(totalSteps * config.schedule().warmupRatio());
    return new LearningRate(
        config.schedule().kind(),
        config.optimizer().learningRate(),
        Math.min(warmup, totalSteps),
        totalSteps);
  }

  /** The rate of step {@code step}, from 0. */
  double at(int step) {
    if (step < warmupSteps) {
      return peak * step / warmupSteps;
    }
    double done =
        totalSteps == warmupSteps ? 1 : (double) (step - warmupSteps) / (totalSteps - warmupSteps);
    return switch (kind) {
      case "cosine" -> peak * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, done)));
      case "linear" -> peak * Math.max(0, 1 - done);
      case "constant" -> peak;
      default -> throw new IllegalStateException("unknown schedule " + kind);
    };
  }
}
