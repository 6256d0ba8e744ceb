package io.cria.evaluate;

import io.cria.llm.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * What an answerer said, or why it said nothing.
 *
 * @param answerId of the answer: where it was asked for, that of the ledger; empty where there is
 *     none
 * @param prompt what was asked
 * @param answerer who was asked
 * @param text the answer; null where there is none
 * @param finishReason {@code stop}, {@code length} or what the server said; null where it said
 *     nothing
 * @param promptTokens of the prompt; null where nobody counted them
 * @param completionTokens of the answer; null likewise
 * @param reason why there is no answer; null where there is one
 */
public record GivenAnswer(
    String answerId,
    TaskPrompt prompt,
    String answerer,
    @Nullable String text,
    @Nullable String finishReason,
    @Nullable Long promptTokens,
    @Nullable Long completionTokens,
    @Nullable String reason) {
  private static final String LENGTH = "length";

  public GivenAnswer {
    if ((text == null) == (reason == null)) {
      throw new IllegalArgumentException(answerId + ": either a text or a reason for none");
    }
  }

  /** Whether the provider says that the model declined, in place of words of the model. */
  public boolean isDeclined() {
    return Outcome.REFUSED.word().equals(reason);
  }

  /** Whether it ended because it had no more tokens. */
  public boolean isCut() {
    return LENGTH.equals(finishReason);
  }
}
