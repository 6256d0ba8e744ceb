package io.cria.task;

/** Changes a model's logits before a token is chosen: where a watermark or a constraint sits. */
@FunctionalInterface
public interface LogitsHook {
  /**
   * Called once for each token to be chosen, with the other changes (penalties, biases) already
   * made and before temperature.
   *
   * @param previous ids of prompt and answer so far, in order
   * @param logits one for each token id; changed in place
   */
  void apply(int[] previous, float[] logits);
}
