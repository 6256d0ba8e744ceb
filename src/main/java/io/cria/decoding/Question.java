package io.cria.decoding;

import io.cria.decoding.grammar.Grammar;
import io.cria.task.Decoding;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of a model.
 *
 * @param prompts at least one
 * @param samples answers to each prompt, at least 1
 * @param decoding of every answer
 * @param fitted whether an answer's limit is lowered to what its context has room for; else a limit
 *     without room is an error
 * @param echoed whether an answer's text, and its tokens, begin with those of its prompt
 * @param silent whether nothing is written, so that echoed prompts are all there is
 * @param scored how many of the likeliest tokens are told beside each token; {@link #UNSCORED}
 *     where no token is told
 * @param grammar what every answer keeps to; null for nothing
 */
public record Question(
    List<Prompt> prompts,
    int samples,
    Decoding decoding,
    boolean fitted,
    boolean echoed,
    boolean silent,
    int scored,
    @Nullable Grammar grammar) {
  public static final int UNSCORED = -1;

  public Question {
    prompts = List.copyOf(prompts);
    if (prompts.isEmpty() || samples < 1) {
      throw new IllegalArgumentException(prompts.size() + " prompts, " + samples + " samples");
    }
  }

  /** One prompt, one answer, nothing else. */
  public static Question of(Prompt prompt, Decoding decoding) {
    return new Question(List.of(prompt), 1, decoding, false, false, false, UNSCORED, null);
  }

  /** How many choices come of it: those of the first prompt first. */
  public int choices() {
    return prompts.size() * samples;
  }

  public boolean isScored() {
    return scored >= 0;
  }
}
