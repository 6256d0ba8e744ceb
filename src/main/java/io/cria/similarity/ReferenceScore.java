package io.cria.similarity;

import io.cria.text.Tokenizer;
import java.util.Collection;

/**
 * How close an answer is to references, as the evaluations of Self-Instruct and Super-
 * NaturalInstructions score it: rouge-score's ROUGE-L F with stemming, the best over the
 * references.
 */
public final class ReferenceScore {
  /** The tokens of the published metric; English only. */
  public static final String PUBLISHED_TOKENIZER = "rouge-en-stem";

  private static final Tokenizer PUBLISHED = Tokenizer.named(PUBLISHED_TOKENIZER);

  private ReferenceScore() {}

  /** The published score in [0, 1]; 0 where answer or references have no Latin letter or digit. */
  public static double published(String answer, Collection<String> references) {
    return best(answer, references, PUBLISHED);
  }

  /**
   * The same over other tokens, such as {@code unicode-1} for other scripts: then it is no
   * published figure.
   *
   * @param references at least one
   */
  public static double best(String answer, Collection<String> references, Tokenizer tokenizer) {
    return references.stream()
        .mapToDouble(reference -> RougeL.f(answer, reference, tokenizer))
        .max()
        .orElseThrow(() -> new IllegalArgumentException("no reference to score an answer by"));
  }
}
