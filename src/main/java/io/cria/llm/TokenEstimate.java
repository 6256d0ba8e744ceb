package io.cria.llm;

/**
 * How many tokens a request of a stage will take: by its bytes and by the answers that came so far;
 * before the first one, by a usual ratio and by the longest answer that may come. Thread-safe.
 */
final class TokenEstimate {
  private static final double USUAL_TOKENS_PER_BYTE = 0.3;

  /** The weight of an answer among those before it, once there are enough. */
  private static final double WEIGHT = 1.0 / 64;

  private double tokensPerByte = USUAL_TOKENS_PER_BYTE;
  private double completion = Double.NaN;
  private long answers;

  /**
   * @param bytes of the prompt
   * @param most tokens that the answer may have
   */
  synchronized double of(long bytes, int most) {
    return bytes * tokensPerByte + (Double.isNaN(completion) ? most : completion);
  }

  /**
   * @param bytes of the prompt that took so much
   */
  synchronized void learn(long bytes, Usage usage) {
    if (usage.estimated()) {
      return;
    }
    answers++;
    double weight = Math.max(WEIGHT, 1.0 / answers);
    completion =
        Double.isNaN(completion)
            ? usage.completion()
            : completion + weight * (usage.completion() - completion);
    if (bytes > 0) {
      tokensPerByte += weight * ((double) usage.prompt() / bytes - tokensPerByte);
    }
  }
}
