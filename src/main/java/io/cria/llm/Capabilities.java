package io.cria.llm;

/**
 * What a server understands beyond the common fields. A field that it does not know is not sent;
 * the request key is the same either way.
 *
 * @param minP {@code min_p}
 * @param repeatPenalty {@code repeat_penalty}
 * @param logitBias {@code logit_bias}
 * @param seed {@code seed}
 * @param zeroTopP accepts {@code top_p} 0; where it does not, temperature 0 with top_p 1 stands for
 *     it
 * @param maxCompletionTokens chat wants {@code max_completion_tokens} in place of {@code
 *     max_tokens}
 */
public record Capabilities(
    boolean minP,
    boolean repeatPenalty,
    boolean logitBias,
    boolean seed,
    boolean zeroTopP,
    boolean maxCompletionTokens) {
  /**
   * OpenAI's own chat models: no {@code min_p} and {@code repeat_penalty}; the new name of the
   * token limit.
   */
  public static Capabilities openAi() {
    return new Capabilities(false, false, true, true, true, true);
  }

  /** llama.cpp's server and Cria's own: everything, by the old name of the token limit. */
  public static Capabilities llamaCpp() {
    return new Capabilities(true, true, true, true, true, false);
  }

  /** What any OpenAI-compatible server takes. */
  public static Capabilities plain() {
    return new Capabilities(false, false, false, true, false, false);
  }
}
