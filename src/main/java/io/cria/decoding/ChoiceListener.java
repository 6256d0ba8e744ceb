package io.cria.decoding;

import java.util.List;

/** Hears the answers to a question while they are written. */
@FunctionalInterface
public interface ChoiceListener {
  /** Hears nothing, and lets every answer go on. */
  ChoiceListener NONE = (choice, more, tokens) -> true;

  /**
   * Called from the thread that generates, as {@link io.cria.task.TextListener#hear}.
   *
   * @param choice which answer, from 0
   * @param more what its text goes on with; may be empty
   * @param tokens those that are scored and not told yet; they may reach a little beyond the text
   * @return whether this answer is to go on
   */
  boolean hear(int choice, String more, List<ScoredToken> tokens);
}
