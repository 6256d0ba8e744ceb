package io.cria.evaluate;

/**
 * Two answers to compare, without the names of those who gave them.
 *
 * @param pairId tells nothing of the models
 * @param taskId the task that both answer
 * @param left the answer shown on the left
 * @param right the one shown on the right
 */
public record BlindPair(String pairId, String taskId, String left, String right) {
  /**
   * Who gave the answers; kept apart from the pair.
   *
   * @param pairId of the pair
   * @param left the model whose answer stands on the left
   * @param right the other
   */
  public record Key(String pairId, String left, String right) {}
}
