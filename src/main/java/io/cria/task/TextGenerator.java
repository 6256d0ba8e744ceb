package io.cria.task;

/**
 * A language model in this process or beside it. Not thread-safe unless an implementation says so.
 */
public interface TextGenerator extends AutoCloseable {
  /**
   * Goes on from {@code prompt}.
   *
   * @throws PromptTooLongException when prompt and answer do not fit the model's context
   */
  Generated generate(String prompt, Decoding decoding);

  /** The model's name, as an API client would give it. */
  String modelName();

  /** Tokens that prompt and answer may have together. */
  int contextLength();

  @Override
  void close();

  /**
   * @param text the answer, without the stop text
   * @param finishReason {@code stop} or {@code length}
   * @param promptTokens tokens of the prompt
   * @param completionTokens tokens generated
   */
  record Generated(String text, String finishReason, int promptTokens, int completionTokens) {}

  /** The prompt does not fit. */
  class PromptTooLongException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public PromptTooLongException(int promptTokens, int contextLength) {
      super(
          "the prompt has "
              + promptTokens
              + " tokens, the model's context holds "
              + contextLength
              + ": shorten the prompt");
    }

    /** The prompt alone fits, but not together with the answer asked for. */
    public PromptTooLongException(int promptTokens, int maxTokens, int contextLength) {
      super(
          "the prompt has "
              + promptTokens
              + " tokens and the answer may have "
              + maxTokens
              + ", the model's context holds "
              + contextLength
              + ": shorten the prompt or lower max_tokens");
    }
  }
}
