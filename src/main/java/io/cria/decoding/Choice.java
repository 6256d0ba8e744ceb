package io.cria.decoding;

import java.util.List;

/**
 * One answer.
 *
 * @param text without the stop text; begins with the prompt where that is echoed
 * @param finishReason {@code stop} or {@code length}
 * @param promptTokens tokens of its prompt
 * @param completionTokens tokens written, the end token and those of a stop text too
 * @param tokens where they are scored: all written tokens, behind those of an echoed prompt
 */
public record Choice(
    String text,
    String finishReason,
    int promptTokens,
    int completionTokens,
    List<ScoredToken> tokens) {
  public static final String STOP = "stop";
  public static final String LENGTH = "length";

  public Choice {
    tokens = List.copyOf(tokens);
  }
}
