package io.cria.similarity;

import io.cria.task.SeededRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * MinHash signatures (Broder, "On the resemblance and containment of documents", 1997): for each of
 * k hash functions the least value over a text's elements. Two texts agree in one component with
 * probability J, the Jaccard similarity of their element sets.
 *
 * <p><b>Unigrams.</b> The elements are the token occurrences (a, 1), (a, 2), …, so that sets stand
 * for multisets. Then the threshold has a bound that holds for every pair: texts of m and n tokens
 * with ROUGE-L F &gt; t have an LCS of L &gt; t (m + n) / 2 tokens, all of them in the
 * intersection, so J &ge; L / (m + n - L) &gt; t / (2 - t): 0.538 for t = 0.7. See {@link
 * #jaccardAt}.
 *
 * <p><b>n-grams</b> of n &gt; 1 tokens are the elements of web-scale tools; no bound follows from
 * F, and few pairs of short texts are found by them.
 *
 * <p>Values are the same on every machine: functions are {@code (a x + b) >> 32} with constants
 * from {@link SeededRandom} with seed 1, over 64-bit FNV-1a of a token's UTF-16 units, mixed.
 * Thread-safe.
 */
public final class MinHash {
  /**
   * A component of the signature of a text without elements; no text equals it there, not even
   * another such.
   */
  public static final int EMPTY = Integer.MAX_VALUE;

  private static final long FNV_OFFSET = 0xCBF29CE484222325L;
  private static final long FNV_PRIME = 0x100000001B3L;

  private final int ngram;
  private final long[] factors;
  private final long[] offsets;

  private MinHash(int functions, int ngram) {
    if (functions < 1 || ngram < 1) {
      throw new IllegalArgumentException(
          "functions " + functions + ", n-gram " + ngram + ": at least 1");
    }
    this.ngram = ngram;
    this.factors = new long[functions];
    this.offsets = new long[functions];
    SeededRandom random = new SeededRandom(1);
    for (int i = 0; i < functions; i++) {
      factors[i] = random.nextLong() | 1;
      offsets[i] = random.nextLong();
    }
  }

  /** Signatures of k = {@code functions} components over token occurrences. */
  public static MinHash unigrams(int functions) {
    return new MinHash(functions, 1);
  }

  /** Over runs of {@code n} tokens; a shorter text has one element, all its tokens. */
  public static MinHash ngrams(int functions, int n) {
    return new MinHash(functions, n);
  }

  public int functions() {
    return factors.length;
  }

  /**
   * The least Jaccard similarity of two texts' token occurrences when their ROUGE-L F exceeds
   * {@code threshold}.
   */
  public static double jaccardAt(double threshold) {
    return threshold / (2 - threshold);
  }

  /** The signature of a text, given its tokens; all {@link #EMPTY} when it has none. */
  public int[] signature(List<String> tokens) {
    long[] elements = ngram == 1 ? occurrences(tokens) : ngrams(tokens);
    return signature(elements, elements.length);
  }

  /** The signature of the set {@code elements[0, count)} of {@link #element} values. */
  int[] signature(long[] elements, int count) {
    int[] signature = new int[factors.length];
    for (int i = 0; i < signature.length; i++) {
      long factor = factors[i];
      long offset = offsets[i];
      int least = EMPTY;
      for (int e = 0; e < count; e++) {
        least = Math.min(least, (int) ((factor * elements[e] + offset) >> 32));
      }
      signature[i] = least;
    }
    return signature;
  }

  /**
   * The estimate of J: the share of components in which two signatures agree; its standard error is
   * sqrt(J (1 - J) / k). 0 when a text has no elements.
   *
   * @throws IllegalArgumentException when the lengths differ
   */
  public static double jaccard(int[] a, int[] b) {
    if (a.length != b.length) {
      throw new IllegalArgumentException(
          "signatures of " + a.length + " and " + b.length + " components");
    }
    int equal = 0;
    for (int i = 0; i < a.length; i++) {
      equal += a[i] == b[i] && a[i] != EMPTY ? 1 : 0;
    }
    return a.length == 0 ? 0 : (double) equal / a.length;
  }

  /** The hash of the token {@code characters[start, end)}. */
  static long tokenHash(char[] characters, int start, int end) {
    long hash = FNV_OFFSET;
    for (int i = start; i < end; i++) {
      hash = (hash ^ characters[i]) * FNV_PRIME;
    }
    return hash;
  }

  private static long tokenHash(String token) {
    return tokenHash(token.toCharArray(), 0, token.length());
  }

  /** The element for the {@code occurrence}-th (from 0) appearance of a token in its text. */
  static long element(long tokenHash, int occurrence) {
    long z = tokenHash + occurrence * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 32)) * 0xD6E8FEB86659FD93L;
    return z ^ (z >>> 32);
  }

  private static long[] occurrences(List<String> tokens) {
    Map<String, Integer> seen = new HashMap<>();
    long[] elements = new long[tokens.size()];
    for (int i = 0; i < elements.length; i++) {
      int occurrence = seen.merge(tokens.get(i), 1, Integer::sum) - 1;
      elements[i] = element(tokenHash(tokens.get(i)), occurrence);
    }
    return elements;
  }

  private long[] ngrams(List<String> tokens) {
    if (tokens.isEmpty()) {
      return new long[0];
    }
    int length = Math.min(ngram, tokens.size());
    long[] elements = new long[tokens.size() - length + 1];
    for (int i = 0; i < elements.length; i++) {
      long hash = 0;
      for (int j = i; j < i + length; j++) {
        hash = element(hash ^ tokenHash(tokens.get(j)), 1);
      }
      elements[i] = hash;
    }
    return elements;
  }
}
