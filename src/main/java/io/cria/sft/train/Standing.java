package io.cria.sft.train;

/** How far a run has come; steps and evaluations move it. */
final class Standing {
  /** Steps done before this start. */
  final int firstStep;

  int steps;
  int savedAt;
  long tokens;
  long targets;
  double lastLoss = Double.NaN;
  double firstEvaluationLoss = Double.NaN;
  double lastEvaluationLoss = Double.NaN;

  private Standing(int steps, int savedAt) {
    this.firstStep = steps;
    this.steps = steps;
    this.savedAt = savedAt;
  }

  static Standing atStart() {
    return new Standing(0, -1);
  }

  static Standing of(TrainerState state) {
    Standing standing = new Standing(state.steps(), state.steps());
    standing.tokens = state.tokens();
    standing.targets = state.targets();
    standing.firstEvaluationLoss = state.firstEvaluationLoss();
    return standing;
  }
}
