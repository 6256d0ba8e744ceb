package io.cria.safety;

/**
 * A watermark of generated text (Kirchenbauer et al., arXiv 2301.10226): before each token a share
 * of the vocabulary, which the tokens before it and a secret key choose, is made likelier.
 *
 * @param share of the vocabulary that is green (gamma), in (0, 1)
 * @param bias added to the logits of green tokens (delta), above 0
 * @param scheme what chooses the green list
 * @param contextWidth tokens that choose it; {@link Scheme#LEFT_HASH} uses the last of them alone
 * @param key the secret; whoever knows it can detect the mark, and forge it
 */
public record Watermark(double share, double bias, Scheme scheme, int contextWidth, long key) {
  /** What chooses the green list. */
  public enum Scheme {
    /** The token before. */
    LEFT_HASH,
    /** The tokens before and the token itself: harder to find out, more work. */
    SELF_HASH
  }

  public Watermark {
    require(share > 0 && share < 1, "the green share must lie in (0, 1), not " + share);
    require(Double.isFinite(bias) && bias > 0, "the bias must be a number above 0, not " + bias);
    require(contextWidth >= 1, "the context width must be at least 1, not " + contextWidth);
    require(key > 0, "the key must be a positive number");
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }

  /** Without the key: this is printed. */
  @Override
  public String toString() {
    return "Watermark[share="
        + share
        + ", bias="
        + bias
        + ", scheme="
        + scheme
        + ", contextWidth="
        + contextWidth
        + "]";
  }
}
