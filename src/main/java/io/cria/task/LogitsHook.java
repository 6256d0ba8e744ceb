package io.cria.task;

/** Changes a model's logits before a token is chosen: where a watermark or a constraint sits. */
@FunctionalInterface
public interface LogitsHook {
  /**
   * Called once for each token to be chosen, after every other change: penalties, biases,
   * temperature, and the filters, which leave minus infinity for what they drop.
   *
   * @param previous ids of prompt and answer so far, in order
   * @param logits one for each token id; changed in place
   */
  void apply(int[] previous, float[] logits);
}
