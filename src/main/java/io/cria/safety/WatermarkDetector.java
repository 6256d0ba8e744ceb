package io.cria.safety;

import io.cria.safety.Watermark.Scheme;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.commons.math3.special.Erf;

/**
 * Tells whether a text bears a {@link Watermark}: by the share of its tokens that are green. Equal
 * to transformers' WatermarkDetector, with the exact normal distribution. Not thread-safe.
 */
public final class WatermarkDetector {
  private final Watermark watermark;
  private final GreenLists lists;
  private final boolean eachOnce;

  /**
   * What a text's tokens say.
   *
   * @param scored tokens that count
   * @param green of them
   * @param z how many standard deviations the green ones are above what an unmarked text has; 0
   *     where nothing is scored
   * @param p probability that an unmarked text has as many; 1 where nothing is scored
   */
  public record Score(int scored, int green, double z, double p) {
    /** Green tokens among the scored; NaN where there are none. */
    public double share() {
      return (double) green / scored;
    }
  }

  /**
   * @param vocabularySize logits of the model that wrote the text
   * @param eachOnce whether an n-gram that comes again counts once only: repetitions are no
   *     independent evidence
   */
  public WatermarkDetector(Watermark watermark, int vocabularySize, boolean eachOnce) {
    this.watermark = watermark;
    this.lists = new GreenLists(watermark, vocabularySize);
    this.eachOnce = eachOnce;
  }

  /**
   * Scores a whole text.
   *
   * @param tokens of the text, without a begin token
   */
  public Score score(int[] tokens) {
    return score(tokens, 0, tokens.length);
  }

  /**
   * The window with the highest z: finds a marked passage inside an unmarked text. Its p does not
   * allow for having looked at many windows.
   *
   * @param width tokens of a window; a shorter text is one window
   * @param step tokens from one window's begin to the next
   */
  public Windowed strongest(int[] tokens, int width, int step) {
    if (width < 1 || step < 1) {
      throw new IllegalArgumentException("a window needs a width and a step of at least 1");
    }
    Windowed best =
        new Windowed(
            0, Math.min(width, tokens.length), score(tokens, 0, Math.min(width, tokens.length)), 1);
    int windows = 1;
    for (int from = step; from + width <= tokens.length; from += step) {
      Score score = score(tokens, from, from + width);
      windows++;
      if (score.z() > best.score().z()) {
        best = new Windowed(from, from + width, score, windows);
      }
    }
    return new Windowed(best.from(), best.to(), best.score(), windows);
  }

  /**
   * The strongest of a text's windows.
   *
   * @param from its first token
   * @param to the token after its last
   * @param windows how many were looked at
   */
  public record Windowed(int from, int to, Score score, int windows) {
    /** Bonferroni's bound on p for so many looks. */
    public double boundedP() {
      return Math.min(1, score.p() * windows);
    }
  }

  private Score score(int[] tokens, int from, int to) {
    int before =
        watermark.scheme() == Scheme.LEFT_HASH
            ? watermark.contextWidth()
            : watermark.contextWidth() - 1;
    int scored = 0;
    int green = 0;
    Map<Ngram, Boolean> seen = new HashMap<>();
    for (int at = from + before; at < to; at++) {
      int token = tokens[at];
      int end = at;
      Ngram ngram = new Ngram(Arrays.copyOfRange(tokens, at - before, at + 1));
      boolean isNew = !seen.containsKey(ngram);
      boolean isGreen = seen.computeIfAbsent(ngram, n -> lists.isGreen(tokens, end, token));
      if (isNew || !eachOnce) {
        scored++;
        green += isGreen ? 1 : 0;
      }
    }
    double z = z(green, scored, watermark.share());
    return new Score(scored, green, z, scored == 0 ? 1 : Erf.erfc(z / Math.sqrt(2)) / 2);
  }

  /** Deviations of {@code green} from its mean, were each of {@code scored} green by chance. */
  static double z(int green, int scored, double share) {
    return scored == 0 ? 0 : (green - share * scored) / Math.sqrt(scored * share * (1 - share));
  }

  /** Tokens with the equality of their values. */
  private static final class Ngram {
    private final int[] tokens;

    Ngram(int[] tokens) {
      this.tokens = tokens;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Ngram ngram && Arrays.equals(tokens, ngram.tokens);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(tokens);
    }
  }
}
