package io.cria.decoding;

import io.cria.task.TokenText;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A token and how likely the model held it: by the logits as the model gives them, before
 * temperature, penalties, biases, filters, grammar and watermark.
 *
 * @param characters how many of the text's begin with it: none of a control token that is not in
 *     the text, and one less than its own where the text has no space that stands before its word
 * @param logProbability natural logarithm; null for the first token of a sequence, which nothing
 *     comes before
 * @param likeliest the likeliest tokens in its place, falling; empty for the first
 */
public record ScoredToken(
    TokenText token, int characters, @Nullable Double logProbability, List<Alternative> likeliest) {
  /** One that could have stood there. */
  public record Alternative(TokenText token, double logProbability) {}

  public ScoredToken {
    likeliest = List.copyOf(likeliest);
  }
}
